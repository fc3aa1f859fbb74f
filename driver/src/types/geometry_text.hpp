#pragma once

#include <tusk/driver/geometry.hpp>

#include <optional>
#include <string_view>

namespace tusk::types {

/// Reads a shape as PostgreSQL prints it; empty where the text is something else. There is one for every geometric
/// type.
template <class Shape>
std::optional<Shape> parse_shape(std::string_view text);

template <>
std::optional<point> parse_shape(std::string_view text);
template <>
std::optional<line> parse_shape(std::string_view text);
template <>
std::optional<lseg> parse_shape(std::string_view text);
template <>
std::optional<box> parse_shape(std::string_view text);
template <>
std::optional<circle> parse_shape(std::string_view text);
template <>
std::optional<path> parse_shape(std::string_view text);
template <>
std::optional<polygon> parse_shape(std::string_view text);

} // namespace tusk::types
