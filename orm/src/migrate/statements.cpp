#include "migrate/statements.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace tusk::migrate::detail {

namespace {

bool is_word(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

[[noreturn]] void fail_open(std::string_view what, std::string_view text)
{
    throw usage_error{fmt::format("a {} is not closed: {}", what, text.substr(0, 60))};
}

/// Walks over a script piece by piece.
class reader
{
public:
    enum class kind { space, comment, name, quoted_name, literal, other };

    explicit reader(std::string_view text) noexcept : rest_{text} {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    std::string_view next(kind& what)
    {
        const std::size_t length = measure(what);
        const std::string_view piece = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return piece;
    }

private:
    std::size_t measure(kind& what) const
    {
        const char first = rest_.front();
        if (is_space(first)) {
            what = kind::space;
            return length_while(is_space);
        }
        if (rest_.starts_with("--")) {
            what = kind::comment;
            return std::min(rest_.find('\n'), rest_.size());
        }
        if (rest_.starts_with("/*")) {
            what = kind::comment;
            return block_comment();
        }
        if (first == '\'') {
            what = kind::literal;
            return quoted('\'', false, 0);
        }
        if ((first == 'e' || first == 'E') && rest_.size() > 1 && rest_[1] == '\'') {
            what = kind::literal;
            return quoted('\'', true, 1);
        }
        if (first == '"') {
            what = kind::quoted_name;
            return quoted('"', false, 0);
        }
        if (first == '$') {
            what = kind::literal;
            if (const std::size_t length = dollar_quoted(); length != 0)
                return length;
        }
        if (is_word(first)) {
            what = kind::name;
            return length_while(is_word);
        }
        what = kind::other;
        return 1;
    }

    template <class Predicate>
    [[nodiscard]] std::size_t length_while(Predicate predicate) const
    {
        return static_cast<std::size_t>(std::ranges::find_if_not(rest_, predicate) - rest_.begin());
    }

    [[nodiscard]] std::size_t block_comment() const
    {
        int depth = 0;
        for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
            if (rest_[i] == '/' && rest_[i + 1] == '*') {
                ++depth;
                ++i;
            } else if (rest_[i] == '*' && rest_[i + 1] == '/') {
                ++i;
                if (--depth == 0)
                    return i + 1;
            }
        }
        fail_open("comment", rest_);
    }

    [[nodiscard]] std::size_t quoted(char quote, bool escapes, std::size_t begin) const
    {
        for (std::size_t i = begin + 1; i < rest_.size(); ++i) {
            if (escapes && rest_[i] == '\\') {
                ++i;
            } else if (rest_[i] == quote) {
                if (i + 1 < rest_.size() && rest_[i + 1] == quote)
                    ++i;
                else
                    return i + 1;
            }
        }
        fail_open("quote", rest_);
    }

    /// Nothing where it is a parameter, `$1`.
    [[nodiscard]] std::size_t dollar_quoted() const
    {
        const std::size_t end = rest_.find('$', 1);
        if (end == std::string_view::npos || (end > 1 && rest_[1] >= '0' && rest_[1] <= '9'))
            return 0;
        const std::string_view tag = rest_.substr(0, end + 1);
        if (!std::ranges::all_of(tag, is_word))
            return 0;
        const std::size_t close = rest_.find(tag, end + 1);
        if (close == std::string_view::npos)
            fail_open("quote", rest_);
        return close + tag.size();
    }

    std::string_view rest_;
};

void read_mark(std::string_view comment, std::vector<mark>& into)
{
    if (!comment.starts_with("-- ["))
        return;
    comment.remove_prefix(4);
    const auto end = comment.find(']');
    if (end == std::string_view::npos)
        return;
    into.push_back({std::string{comment.substr(0, end)}, std::string{trimmed(comment.substr(end + 1))}});
}

std::string lower(std::string_view text)
{
    std::string made{text};
    std::ranges::transform(made, made.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return made;
}

bool says(const std::vector<token>& all, std::size_t at, std::string_view word)
{
    return at < all.size() && all[at].is_name && all[at].source.front() != '"' && all[at].text == word;
}

/// A name that may be qualified: its last part goes into `last`, what stands before that into `before`.
void read_name(const std::vector<token>& all, std::size_t& at, std::string& before, std::string& last)
{
    while (at < all.size() && all[at].is_name) {
        last = all[at].source;
        ++at;
        if (at >= all.size() || all[at].source != ".")
            return;
        before += last + '.';
        ++at;
    }
}

} // namespace

const std::string* statement::find_mark(std::string_view word) const noexcept
{
    const auto found = std::ranges::find_if(marks, [&](const mark& each) { return each.word == word; });
    return found == marks.end() ? nullptr : &found->text;
}

std::vector<statement> split_statements(std::string_view script)
{
    std::vector<statement> made;
    statement current;
    const auto finish = [&] {
        current.sql = trimmed(current.sql);
        if (!current.sql.empty())
            made.push_back(std::move(current));
        current = {};
    };
    reader read{script};
    while (!read.at_end()) {
        reader::kind what{};
        const std::string_view piece = read.next(what);
        if (what == reader::kind::other && piece == ";") {
            finish();
        } else if (current.sql.empty() && (what == reader::kind::space || what == reader::kind::comment)) {
            if (what == reader::kind::comment)
                read_mark(piece, current.marks);
        } else {
            current.sql += piece;
        }
    }
    finish();
    return made;
}

std::vector<token> tokens_of(std::string_view sql)
{
    std::vector<token> made;
    reader read{sql};
    while (!read.at_end()) {
        reader::kind what{};
        const std::string_view piece = read.next(what);
        if (what == reader::kind::space || what == reader::kind::comment)
            continue;
        token& one = made.emplace_back();
        one.source = piece;
        one.is_name = what == reader::kind::name || what == reader::kind::quoted_name;
        if (what == reader::kind::quoted_name) {
            for (std::size_t i = 1; i + 1 < piece.size(); ++i) {
                one.text += piece[i];
                if (piece[i] == '"')
                    ++i;
            }
        } else {
            one.text = what == reader::kind::name ? lower(piece) : std::string{piece};
        }
    }
    return made;
}

concurrent_index find_concurrent_index(std::string_view sql)
{
    const std::vector<token> all = tokens_of(sql);
    concurrent_index found;
    std::size_t at = 0;
    if (says(all, 0, "create")) {
        found.is_built = true;
        at = says(all, 1, "unique") ? 2 : 1;
    } else if (says(all, 0, "drop")) {
        at = 1;
    }
    if (at == 0 || !says(all, at, "index") || !says(all, at + 1, "concurrently"))
        return {};
    at += 2;
    while (says(all, at, "if") || says(all, at, "not") || says(all, at, "exists"))
        ++at;
    std::string before;
    std::string last;
    read_name(all, at, before, last);
    if (found.is_built && says(all, at, "on")) {
        ++at;
        if (says(all, at, "only"))
            ++at;
        std::string table;
        read_name(all, at, before, table);
    }
    found.name = before + last;
    return found;
}

bool runs_outside_transactions(std::string_view sql)
{
    const std::vector<token> all = tokens_of(sql);
    if (!find_concurrent_index(sql).name.empty())
        return true;
    if (says(all, 0, "vacuum") || (says(all, 0, "alter") && says(all, 1, "system")))
        return true;
    if (says(all, 0, "create") || says(all, 0, "drop"))
        return says(all, 1, "database") || says(all, 1, "tablespace");
    if (says(all, 0, "reindex"))
        return std::ranges::any_of(all, [](const token& each) { return each.text == "concurrently"; });
    return false;
}

} // namespace tusk::migrate::detail
