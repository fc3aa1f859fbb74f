#pragma once

#include <tusk/driver/codecs.hpp>
#include <tusk/driver/field_view.hpp>
#include <tusk/driver/parameters.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::test {

/// What the journey of a value needs to know of its C++ type.
struct traveller {
    /// Decodes a field and encodes the value for the field's type.
    std::string (*bytes)(const field_view& field);
    /// The value of a field as a parameter.
    parameters (*parameter)(const field_view& field);
    /// `to_string` of the value, or nothing where the type has none.
    std::optional<std::string> (*text)(const field_view& field);
    /// Whether it decodes a column in text format.
    bool (*reads_text)(oid type);
    /// NULL of this type as a parameter.
    parameters (*null)();
    /// Whether a NULL field is an empty std::optional.
    bool (*is_null)(const field_view& field);
};

/// What a type's own `to_string` is to the server's text.
enum class own_text {
    same, ///< It is the same.
    other ///< Another spelling, or there is none.
};

/// Every value through the server: its text, read in text format and in binary; the value as a parameter; the server's
/// text of that. NULL as well.
/// @param type      An SQL type.
/// @param inputs    Literals of that type.
/// @param settings  Statements to run before.
/// @return What was wrong, a line each.
std::vector<std::string> journey(const traveller& value, std::string_view type, std::span<const std::string> inputs,
                                 own_text text, std::string_view settings);

namespace detail {

template <class T>
std::string encoded(const field_view& field)
{
    const T value = field.as<T>();
    const encode_plan<T> plan = codec<T>::encoder(field.type());
    byte_writer out;
    plan.write(value, out);
    const auto bytes = out.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
constexpr traveller traveller_of{
    encoded<T>,
    [](const field_view& field) {
        parameters list;
        list.add(field.as<T>());
        return list;
    },
    [](const field_view& field) -> std::optional<std::string> {
        if constexpr (requires(const T& value) {
                          { to_string(value) } -> std::same_as<std::string>;
                      } && !std::integral<T> && !std::floating_point<T>)
            return to_string(field.as<T>());
        else
            return std::nullopt;
    },
    [](oid type) { return codec<T>::decoder(type, format::text) != nullptr; },
    [] {
        parameters list;
        list.add(std::optional<T>{});
        return list;
    },
    [](const field_view& field) { return !field.as<std::optional<T>>().has_value(); },
};

} // namespace detail

/// Fails the test for every value that does not come back as it went.
template <class T>
void expect_journeys(std::string_view type, const std::vector<std::string>& inputs, own_text text = own_text::same,
                     std::string_view settings = {})
{
    for (const std::string& wrong : journey(detail::traveller_of<T>, type, inputs, text, settings))
        ADD_FAILURE() << wrong;
}

} // namespace tusk::test
