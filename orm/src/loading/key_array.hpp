#pragma once

#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/oid.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// Encoded values of one column as one parameter: the array in `= ANY($1)`.
class key_array
{
public:
    /// @param array    The OID of the array; 0 for a type of the database's own.
    /// @param element  What the values are encoded for; 0 as before.
    /// @param is_text  They are encoded as text.
    key_array(oid array, oid element, bool is_text) noexcept : array_{array}, element_{element}, is_text_{is_text} {}

    /// @par Lifetime  The bytes are not copied: they must live as long as the array.
    void add(std::string_view encoded) { values_.push_back(encoded); }

    /// @par Lifetime  Refers to this array.
    [[nodiscard]] tusk::detail::parameter as_parameter() const noexcept;

private:
    friend struct key_array_operations;

    oid array_;
    oid element_;
    bool is_text_;
    std::vector<std::string_view> values_;
};

/// One encoded value as a parameter.
class key_value
{
public:
    key_value(oid type, std::string encoded, bool is_text) noexcept
        : type_{type}, is_text_{is_text}, encoded_{std::move(encoded)}
    {
    }

    /// @par Lifetime  Refers to this value.
    [[nodiscard]] tusk::detail::parameter as_parameter() const noexcept;

private:
    friend struct key_value_operations;

    oid type_;
    bool is_text_;
    std::string encoded_;
};

} // namespace tusk::orm::detail
