#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/geometry.hpp>

namespace tusk {

template <>
struct codec<point> {
    static constexpr std::string_view name = "tusk::point";
    static constexpr std::string_view fits = "point";
    static decode_function<point> decoder(oid type, format as) noexcept;
    static encode_plan<point> encoder(oid type) noexcept;
};

template <>
struct codec<line> {
    static constexpr std::string_view name = "tusk::line";
    static constexpr std::string_view fits = "line";
    static decode_function<line> decoder(oid type, format as) noexcept;
    static encode_plan<line> encoder(oid type) noexcept;
};

template <>
struct codec<lseg> {
    static constexpr std::string_view name = "tusk::lseg";
    static constexpr std::string_view fits = "lseg";
    static decode_function<lseg> decoder(oid type, format as) noexcept;
    static encode_plan<lseg> encoder(oid type) noexcept;
};

template <>
struct codec<box> {
    static constexpr std::string_view name = "tusk::box";
    static constexpr std::string_view fits = "box";
    static decode_function<box> decoder(oid type, format as) noexcept;
    static encode_plan<box> encoder(oid type) noexcept;
};

template <>
struct codec<circle> {
    static constexpr std::string_view name = "tusk::circle";
    static constexpr std::string_view fits = "circle";
    static decode_function<circle> decoder(oid type, format as) noexcept;
    static encode_plan<circle> encoder(oid type) noexcept;
};

template <>
struct codec<path> {
    static constexpr std::string_view name = "tusk::path";
    static constexpr std::string_view fits = "path";
    static decode_function<path> decoder(oid type, format as) noexcept;
    static encode_plan<path> encoder(oid type) noexcept;
};

template <>
struct codec<polygon> {
    static constexpr std::string_view name = "tusk::polygon";
    static constexpr std::string_view fits = "polygon";
    static decode_function<polygon> decoder(oid type, format as) noexcept;
    static encode_plan<polygon> encoder(oid type) noexcept;
};

} // namespace tusk
