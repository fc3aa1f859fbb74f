#include <tusk/driver/detail/array_wire.hpp>

#include "types/failures.hpp"
#include "types/wire.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace tusk::detail {

namespace {

[[noreturn]] void fail_text(std::string_view why) { types::fail_decode("an array", why); }

bool is_null_word(std::string_view word)
{
    return word.size() == 4 && (word[0] | 0x20) == 'n' && (word[1] | 0x20) == 'u' && (word[2] | 0x20) == 'l' &&
           (word[3] | 0x20) == 'l';
}

std::int32_t take_number(std::string_view& text)
{
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{})
        fail_text("its text has a bound that is no number");
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

void take_char(std::string_view& text, char expected)
{
    if (!text.starts_with(expected))
        fail_text("its text does not have the form of an array");
    text.remove_prefix(1);
}

} // namespace

array_reader::array_reader(std::span<const std::byte> bytes, server_type element, format as)
    : binary_{bytes, "array"}, element_{element}, is_text_{as == format::text}
{
    if (is_text_)
        read_text(types::as_text(bytes), element.delimiter());
    else
        read_header();
}

// ---- Binary.

void array_reader::read_header()
{
    const auto rank = binary_.take<std::int32_t>();
    if (rank < 0 || static_cast<std::size_t>(rank) > most_dimensions)
        types::fail_decode("an array", "it says that it has a number of dimensions that no array has");
    if (const auto flags = binary_.take<std::int32_t>(); flags != 0 && flags != 1)
        types::fail_decode("an array", "its flags are none that are known");
    const auto type = binary_.take<oid>();
    if (element_ == 0) {
        element_ = type;
    } else if (type != element_.number() && type != element_.base().number()) {
        element_.mark_outdated();
        throw decode_error{
            fmt::format("an array has elements of {}, where {} was described: the type has changed since "
                        "the statement was prepared; run the statement again",
                        describe_type(type), describe_type(element_))};
    }
    rank_ = static_cast<std::size_t>(rank);
    std::uint64_t count = rank_ == 0 ? 0 : 1;
    for (std::size_t i = 0; i != rank_; ++i) {
        array_dimension& each = dimensions_[i];
        each.size = binary_.take<std::int32_t>();
        each.lower = binary_.take<std::int32_t>();
        if (each.size <= 0)
            types::fail_decode("an array", "one of its dimensions has no elements");
        count *= static_cast<std::uint64_t>(each.size);
        if (count > std::numeric_limits<std::int32_t>::max())
            types::fail_decode("an array", "it says that it has more elements than an array can have");
    }
    // Each has at least its length, so nothing is allocated on the sender's word.
    if (count > binary_.left() / sizeof(std::int32_t))
        types::fail_decode("an array", "it is shorter than its dimensions say");
    count_ = static_cast<std::size_t>(count);
}

bool array_reader::next(std::span<const std::byte>& bytes)
{
    if (is_text_) {
        const piece& taken = pieces_[next_piece_++];
        bytes = std::as_bytes(std::span{unescaped_}).subspan(taken.begin, taken.size);
        return !taken.null;
    }
    const auto length = binary_.take<std::int32_t>();
    if (length < 0) {
        if (length != -1)
            types::fail_decode("an array", "an element has a negative length");
        return false;
    }
    bytes = binary_.take_bytes(static_cast<std::size_t>(length));
    return true;
}

const std::byte* array_reader::fixed(std::size_t size)
{
    if (is_text_ || count_ == 0 || binary_.left() != count_ * (sizeof(std::int32_t) + size))
        return nullptr;
    byte_reader ahead = binary_;
    const std::byte* const first = ahead.take_rest().data();
    const std::byte* at = first;
    for (std::size_t i = 0; i != count_; ++i, at += sizeof(std::int32_t) + size)
        if (load_big_endian<std::int32_t>(at) != static_cast<std::int32_t>(size))
            return nullptr;
    binary_ = ahead;
    return first;
}

void array_reader::finish() const
{
    if (!is_text_)
        binary_.expect_end();
}

// ---- Text.

std::string_view array_reader::read_bounds(std::string_view text)
{
    while (text.starts_with('[')) {
        if (rank_ == most_dimensions)
            fail_text("its text has more than six dimensions");
        text.remove_prefix(1);
        array_dimension& each = dimensions_[rank_++];
        each.lower = take_number(text);
        take_char(text, ':');
        const std::int64_t size = std::int64_t{take_number(text)} - each.lower + 1;
        if (size <= 0 || size > std::numeric_limits<std::int32_t>::max())
            fail_text("its text has bounds that no array has");
        each.size = static_cast<std::int32_t>(size);
        take_char(text, ']');
    }
    if (rank_ != 0)
        take_char(text, '=');
    return text;
}

void array_reader::read_text(std::string_view text, char delimiter)
{
    text = read_bounds(text);
    const std::size_t declared = rank_;
    if (text == "{}") {
        if (declared != 0)
            fail_text("its text has bounds and no elements");
        return;
    }
    unescaped_.reserve(text.size());
    std::array<std::int32_t, most_dimensions> sizes{}; // of the first row of each dimension
    std::array<std::int32_t, most_dimensions> here{};
    std::array<bool, most_dimensions> known{};
    std::size_t depth = 0;
    std::size_t deepest = 0;
    std::size_t at = 0;
    const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    do {
        while (peek() == '{') {
            if (depth == most_dimensions || (deepest != 0 && depth == deepest))
                fail_text("its text is nested more deeply than its first element");
            here[depth++] = 0;
            ++at;
        }
        if (deepest == 0)
            deepest = depth;
        if (depth == 0 || depth != deepest)
            fail_text("its text is not nested as its first element");
        piece taken{unescaped_.size(), 0, false};
        if (peek() == '"') {
            for (++at; peek() != '"'; ++at) {
                if (peek() == '\\')
                    ++at;
                if (at >= text.size())
                    fail_text("its text ends inside quotes");
                unescaped_ += text[at];
            }
            ++at;
        } else {
            const std::size_t begin = at;
            for (; at < text.size() && peek() != delimiter && peek() != '}'; ++at) {
                if (peek() == '{' || peek() == '"')
                    fail_text("its text has a brace or a quote inside an element");
                if (peek() == '\\' && ++at == text.size())
                    fail_text("its text ends behind a backslash");
                unescaped_ += text[at];
            }
            if (at == begin)
                fail_text("its text has nothing where an element should be");
            taken.null = is_null_word(text.substr(begin, at - begin));
        }
        taken.size = unescaped_.size() - taken.begin;
        pieces_.push_back(taken);
        ++here[depth - 1];
        while (depth != 0 && peek() == '}') {
            ++at;
            --depth;
            if (known[depth] && sizes[depth] != here[depth])
                fail_text("its rows differ in length");
            sizes[depth] = here[depth];
            known[depth] = true;
            if (depth != 0)
                ++here[depth - 1];
        }
        if (depth == 0)
            break;
        if (peek() != delimiter)
            fail_text("its text does not go on behind an element");
        ++at;
    } while (true);
    if (at != text.size())
        fail_text("its text goes on behind its end");
    if (declared != 0 && declared != deepest)
        fail_text("its text has other dimensions than its bounds say");
    rank_ = deepest;
    for (std::size_t i = 0; i != rank_; ++i) {
        if (declared != 0 && dimensions_[i].size != sizes[i])
            fail_text("its text has other dimensions than its bounds say");
        dimensions_[i].size = sizes[i];
    }
    count_ = pieces_.size();
}

} // namespace tusk::detail
