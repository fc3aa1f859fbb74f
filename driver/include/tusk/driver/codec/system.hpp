#pragma once

#include <tusk/driver/codec.hpp>
#include <tusk/driver/money.hpp>
#include <tusk/driver/pg_lsn.hpp>
#include <tusk/driver/pg_snapshot.hpp>
#include <tusk/driver/tid.hpp>

namespace tusk {

/// Binary alone: the text depends on the server's `lc_monetary`.
template <>
struct codec<money> {
    static constexpr std::string_view name = "tusk::money";
    static constexpr std::string_view fits = "money in binary format";
    static decode_function<money> decoder(oid type, format as) noexcept;
    static encode_plan<money> encoder(oid type) noexcept;
};

template <>
struct codec<pg_lsn> {
    static constexpr std::string_view name = "tusk::pg_lsn";
    static constexpr std::string_view fits = "pg_lsn";
    static decode_function<pg_lsn> decoder(oid type, format as) noexcept;
    static encode_plan<pg_lsn> encoder(oid type) noexcept;
};

template <>
struct codec<tid> {
    static constexpr std::string_view name = "tusk::tid";
    static constexpr std::string_view fits = "tid";
    static decode_function<tid> decoder(oid type, format as) noexcept;
    static encode_plan<tid> encoder(oid type) noexcept;
};

template <>
struct codec<pg_snapshot> {
    static constexpr std::string_view name = "tusk::pg_snapshot";
    static constexpr std::string_view fits = "pg_snapshot, txid_snapshot";
    static decode_function<pg_snapshot> decoder(oid type, format as) noexcept;
    static encode_plan<pg_snapshot> encoder(oid type) noexcept;
};

} // namespace tusk
