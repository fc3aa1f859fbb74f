#pragma once

#include <tusk/driver/codec.hpp>

#include <concepts>

namespace tusk {

namespace detail {

/// Integers decode from types that they can hold whole: never narrower ones, and never an unsigned one from a signed.
/// They encode for every integer type, object identifiers, float4 and float8 when the value is exact in them, and
/// numeric; each value is checked against the range of its parameter.
template <std::integral Int>
struct integer_codec {
    static constexpr std::string_view name = std::signed_integral<Int>
                                                 ? (sizeof(Int) == 2   ? "std::int16_t"
                                                    : sizeof(Int) == 4 ? "std::int32_t"
                                                                       : "std::int64_t")
                                                 : (sizeof(Int) == 4 ? "std::uint32_t" : "std::uint64_t");
    static constexpr std::string_view fits =
        std::signed_integral<Int> ? (sizeof(Int) == 2   ? "smallint"
                                     : sizeof(Int) == 4 ? "integer, smallint"
                                                        : "bigint, integer, smallint, oid")
                                  : (sizeof(Int) == 4 ? "oid, xid, cid, regclass and its like" : "xid8, oid");
    static decode_function<Int> decoder(oid type, format as) noexcept;
    static encode_plan<Int> encoder(oid type) noexcept;
};

extern template struct integer_codec<short>;
extern template struct integer_codec<int>;
extern template struct integer_codec<long>;
extern template struct integer_codec<long long>;
extern template struct integer_codec<unsigned>;
extern template struct integer_codec<unsigned long>;
extern template struct integer_codec<unsigned long long>;

} // namespace detail

// The language's own names, so that std::int64_t and whichever of long and long long it is not both have a codec.
template <>
struct codec<short> : detail::integer_codec<short> {
};
template <>
struct codec<int> : detail::integer_codec<int> {
};
template <>
struct codec<long> : detail::integer_codec<long> {
};
template <>
struct codec<long long> : detail::integer_codec<long long> {
};
template <>
struct codec<unsigned> : detail::integer_codec<unsigned> {
};
template <>
struct codec<unsigned long> : detail::integer_codec<unsigned long> {
};
template <>
struct codec<unsigned long long> : detail::integer_codec<unsigned long long> {
};

} // namespace tusk
