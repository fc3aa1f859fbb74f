#pragma once

#include <tusk/driver/cidr.hpp>
#include <tusk/driver/codec.hpp>
#include <tusk/driver/inet.hpp>
#include <tusk/driver/macaddr.hpp>
#include <tusk/driver/macaddr8.hpp>

namespace tusk {

/// Reads cidr too: a network is an address with a prefix.
template <>
struct codec<inet> {
    static constexpr std::string_view name = "tusk::inet";
    static constexpr std::string_view fits = "inet, cidr";
    static decode_function<inet> decoder(oid type, format as) noexcept;
    static encode_plan<inet> encoder(oid type) noexcept;
};

/// Encodes for inet too, since every network is an address with a prefix.
template <>
struct codec<cidr> {
    static constexpr std::string_view name = "tusk::cidr";
    static constexpr std::string_view fits = "cidr";
    static decode_function<cidr> decoder(oid type, format as) noexcept;
    static encode_plan<cidr> encoder(oid type) noexcept;
};

template <>
struct codec<macaddr> {
    static constexpr std::string_view name = "tusk::macaddr";
    static constexpr std::string_view fits = "macaddr";
    static decode_function<macaddr> decoder(oid type, format as) noexcept;
    static encode_plan<macaddr> encoder(oid type) noexcept;
};

template <>
struct codec<macaddr8> {
    static constexpr std::string_view name = "tusk::macaddr8";
    static constexpr std::string_view fits = "macaddr8";
    static decode_function<macaddr8> decoder(oid type, format as) noexcept;
    static encode_plan<macaddr8> encoder(oid type) noexcept;
};

} // namespace tusk
