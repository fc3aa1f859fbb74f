#include "types/text_search.hpp"

#include "types/failures.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::types {

namespace {

void append_lexeme(std::string& out, std::string_view lexeme)
{
    out += '\'';
    for (const char c : lexeme) {
        if (c == '\'' || c == '\\')
            out += c;
        out += c;
    }
    out += '\'';
}

std::string_view take_lexeme(byte_reader& from, std::string_view type)
{
    const std::string_view lexeme = from.take_cstring();
    if (lexeme.empty())
        fail_decode(type, "it holds a word without letters");
    return lexeme;
}

// ---- tsquery

enum class query_item : std::uint8_t { operand = 1, operation = 2 };
enum class query_operator : std::uint8_t { negation = 1, conjunction = 2, disjunction = 3, phrase = 4 };

/// How strongly an operator binds; a word binds most of all.
constexpr int strength(query_operator what) noexcept
{
    switch (what) {
    case query_operator::disjunction: return 1;
    case query_operator::conjunction: return 2;
    case query_operator::phrase: return 3;
    default: return 4;
    }
}

/// A word, or an operator before it has met its operands.
struct query_token {
    std::string word; ///< Empty for an operator.
    query_operator what = query_operator::negation;
    int distance = 0; ///< Of a phrase.
};

query_token take_operand(byte_reader& from)
{
    const auto weights = from.take<std::uint8_t>();
    const bool is_prefix = from.take<std::uint8_t>() != 0;
    query_token token;
    append_lexeme(token.word, take_lexeme(from, "tsquery"));
    if (weights != 0 || is_prefix)
        token.word += ':';
    if (is_prefix)
        token.word += '*';
    constexpr std::string_view letters = "DCBA";
    for (unsigned bit = 4; bit-- != 0;)
        if ((weights >> bit & 1U) != 0)
            token.word += letters[bit];
    return token;
}

query_token take_operator(byte_reader& from)
{
    query_token token;
    const auto what = from.take<std::uint8_t>();
    if (what < 1 || what > 4)
        fail_decode("tsquery", "it holds an unknown operator");
    token.what = static_cast<query_operator>(what);
    if (token.what == query_operator::phrase)
        token.distance = from.take<std::uint16_t>();
    return token;
}

query_token take_token(byte_reader& from)
{
    switch (static_cast<query_item>(from.take<std::uint8_t>())) {
    case query_item::operand: return take_operand(from);
    case query_item::operation: return take_operator(from);
    default: fail_decode("tsquery", "it holds something else than words and operators");
    }
}

/// A part of a query that is written already.
struct query_part {
    std::string text;
    int binds = std::numeric_limits<int>::max();
};

/// The part as an operand of something that binds that strongly.
std::string enclosed(query_part part, int least)
{
    return part.binds < least ? fmt::format("( {} )", part.text) : std::move(part.text);
}

query_part take_part(std::vector<query_part>& parts)
{
    if (parts.empty())
        fail_decode("tsquery", "an operator lacks an operand");
    query_part part = std::move(parts.back());
    parts.pop_back();
    return part;
}

query_part combined(const query_token& token, std::vector<query_part>& parts)
{
    const int binds = strength(token.what);
    query_part right = take_part(parts);
    if (token.what == query_operator::negation)
        return {fmt::format("!{}", enclosed(std::move(right), binds)),
                binds}; // (g++ 12 -O3 warns wrongly about "!" + text)
    std::string text = enclosed(take_part(parts), binds);
    if (token.what == query_operator::phrase && token.distance != 1)
        fmt::format_to(std::back_inserter(text), " <{}> ", token.distance);
    else
        text += token.what == query_operator::phrase        ? " <-> "
                : token.what == query_operator::conjunction ? " & "
                                                            : " | ";
    // Phrases are read from the left, so one on the right keeps its parentheses.
    text += enclosed(std::move(right), token.what == query_operator::phrase ? binds + 1 : binds);
    return {std::move(text), binds};
}

} // namespace

std::string print_tsvector(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "tsvector"};
    std::string text;
    for (auto lexemes = reader.take<std::uint32_t>(); lexemes != 0; --lexemes) {
        if (!text.empty())
            text += ' ';
        append_lexeme(text, take_lexeme(reader, "tsvector"));
        const auto positions = reader.take<std::uint16_t>();
        for (std::uint16_t i = 0; i != positions; ++i) {
            const auto entry = reader.take<std::uint16_t>();
            constexpr std::string_view weights[] = {"", "C", "B", "A"};
            fmt::format_to(std::back_inserter(text), "{}{}{}", i == 0 ? ':' : ',', entry & 0x3FFF,
                           weights[entry >> 14]);
        }
    }
    reader.expect_end();
    return text;
}

std::string print_tsquery(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "tsquery"};
    std::vector<query_token> tokens;
    for (auto count = reader.take<std::uint32_t>(); count != 0; --count)
        tokens.push_back(take_token(reader));
    reader.expect_end();
    if (tokens.empty())
        return {};
    // An operator stands before its operands, the right one before the left one. From the end they are all there
    // when their operator comes, and no nesting is too deep for the stack.
    std::vector<query_part> parts;
    for (; !tokens.empty(); tokens.pop_back()) {
        query_token& token = tokens.back();
        if (token.word.empty())
            parts.push_back(combined(token, parts));
        else
            parts.push_back({std::move(token.word)});
    }
    if (parts.size() != 1)
        fail_decode("tsquery", "it holds more than one query");
    return std::move(parts.front().text);
}

} // namespace tusk::types
