#pragma once

#include <tusk/driver/server_error.hpp>

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tusk::protocol {

/// One SQLSTATE: its name, and the exception that it is thrown as.
struct condition {
    using maker = std::exception_ptr (*)(std::shared_ptr<const error_fields> fields, std::string query,
                                         std::string_view remedy);

    std::string_view sqlstate;
    std::string_view name;
    maker make;
};

template <class Exception>
std::exception_ptr make_exception(std::shared_ptr<const error_fields> fields, std::string query,
                                  std::string_view remedy)
{
    return std::make_exception_ptr(Exception{std::move(fields), std::move(query), remedy});
}

/// Every SQLSTATE that PostgreSQL defines, sorted.
[[nodiscard]] std::span<const condition> condition_table() noexcept;

/// The entry of exactly this SQLSTATE; null where there is none.
[[nodiscard]] const condition* find_condition(std::string_view sqlstate) noexcept;

} // namespace tusk::protocol
