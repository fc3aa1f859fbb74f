#include "config/conninfo.hpp"

#include "config/keys.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace tusk::config {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";

/// Walks along a keyword/value string. Messages give the place, never the text: it can be a piece of a password.
class scanner
{
public:
    explicit scanner(std::string_view text) noexcept : text_{text} {}

    /// Whether there is another pair.
    bool skip_blanks() noexcept
    {
        position_ = std::min(text_.find_first_not_of(blanks, position_), text_.size());
        return position_ < text_.size();
    }

    std::string_view take_key()
    {
        const std::size_t start = position_;
        position_ = std::min(text_.find_first_of(" \t\n\v\f\r=", start), text_.size());
        const std::string_view key = text_.substr(start, position_ - start);
        if (!skip_blanks() || text_[position_] != '=')
            throw usage_error{fmt::format("connection string: the key at byte {} has no '=' after it; write key=value, "
                                          "and quote values that hold spaces: key='two words'",
                                          start + 1)};
        ++position_;
        return key;
    }

    std::string take_value()
    {
        // An empty value is written '': libpq, too, looks for the value beyond the blanks.
        if (!skip_blanks())
            return {};
        return text_[position_] == '\'' ? take_quoted() : take_plain();
    }

private:
    std::string take_plain()
    {
        std::string value;
        while (position_ < text_.size() && blanks.find(text_[position_]) == blanks.npos)
            take_letter(value);
        return value;
    }

    std::string take_quoted()
    {
        const std::size_t start = position_++;
        std::string value;
        while (position_ < text_.size()) {
            if (text_[position_] == '\'') {
                ++position_;
                return value;
            }
            take_letter(value);
        }
        throw usage_error{fmt::format("connection string: the quote opened at byte {} is not closed; "
                                      "inside quotes, ' is written \\' and \\ is written \\\\",
                                      start + 1)};
    }

    /// A backslash takes the next letter as it is; at the very end it stands for nothing.
    void take_letter(std::string& value)
    {
        if (text_[position_] == '\\')
            ++position_;
        if (position_ == text_.size())
            return;
        value += text_[position_++];
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

} // namespace

settings parse_conninfo(std::string_view text)
{
    scanner rest{text};
    settings found;
    bool may_quote = true;
    while (rest.skip_blanks()) {
        const std::string_view name = rest.take_key();
        // After a password, a word that is not a key can be what was lost from it for want of quotes.
        if (require_key(name, may_quote).secret)
            may_quote = false;
        found.push_back({std::string{name}, rest.take_value()});
    }
    return found;
}

} // namespace tusk::config
