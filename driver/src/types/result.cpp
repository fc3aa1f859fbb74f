#include "types/cpp_type.hpp"

#include <tusk/driver/command_tag.hpp>
#include <tusk/driver/detail/take.hpp>
#include <tusk/driver/error.hpp>
#include <tusk/driver/field_view.hpp>
#include <tusk/driver/result.hpp>
#include <tusk/driver/row_view.hpp>
#include <tusk/driver/type_name.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace tusk {

// ---- command_tag

namespace {

/// Where the counts of "INSERT 0 3" begin.
std::size_t end_of_command(std::string_view tag)
{
    const auto digit =
        static_cast<std::size_t>(std::ranges::find_if(tag, [](char c) { return c >= '0' && c <= '9'; }) - tag.begin());
    return digit == tag.size() || digit == 0 ? tag.size() : digit - 1;
}

} // namespace

std::string_view command_tag::command() const noexcept
{
    return std::string_view{text_}.substr(0, end_of_command(text_));
}

std::uint64_t command_tag::rows_affected() const noexcept
{
    const std::size_t space = text_.rfind(' ');
    std::uint64_t rows = 0;
    if (space != std::string::npos)
        std::from_chars(text_.data() + space + 1, text_.data() + text_.size(), rows);
    return rows;
}

// ---- result

const command_tag& result::tag() const noexcept
{
    static const command_tag none;
    return data_ ? data_->tag : none;
}

void result::fail_position(std::size_t position) const
{
    throw usage_error{fmt::format("row {} of a result that has {}", position, size())};
}

// ---- row_view

std::size_t row_view::position_of(std::string_view name) const
{
    const auto found = std::ranges::find(columns_, name, &column::name);
    if (found != columns_.end())
        return static_cast<std::size_t>(found - columns_.begin());
    std::string names;
    for (const column& each : columns_)
        names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", each.name);
    throw usage_error{fmt::format("no column is named \"{}\"; there are {}", name, names.empty() ? "none" : names)};
}

void row_view::fail_position(std::size_t position) const
{
    throw usage_error{fmt::format("column {} (counted from 0) of a row that has {}", position, columns_.size())};
}

// ---- What does not fit.

namespace detail {

void fail_type(const column& of, std::string_view cpp_type, std::string_view fits)
{
    // What arrived as text is at least that: the names of regclass, the money of the server's locale.
    const std::string_view fitting = of.format == format::text ? "std::string" : types::cpp_type(of.type);
    throw decode_error{fmt::format("column \"{}\" is of type {}, which {} cannot hold: it reads {}. Read the column as "
                                   "{}, or cast it in the SQL, such as \"{}\"::text",
                                   of.name, describe_type(of.server_type()), cpp_type, fits,
                                   fitting.empty() ? "another C++ type" : fitting, of.name)};
}

void fail_null(const column& of, std::string_view cpp_type)
{
    throw decode_error{fmt::format("column \"{}\" is NULL: read it as std::optional<{}>", of.name, cpp_type)};
}

void fail_column_count(std::size_t columns, std::size_t members)
{
    throw decode_error{fmt::format("a row of {} column(s) cannot be read as {} value(s): name as many C++ types as the "
                                   "statement returns columns",
                                   columns, members)};
}

void fail_row_count(std::size_t rows, bool none_allowed)
{
    throw row_count_error{fmt::format("{} row(s) came where {} was asked for: {}", rows,
                                      none_allowed ? "at most one" : "exactly one",
                                      rows == 0 ? "use query_optional where there may be none"
                                                : "add LIMIT 1 or a condition that singles one out, or use query"),
                          rows};
}

} // namespace detail

} // namespace tusk
