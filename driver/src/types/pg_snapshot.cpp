#include <tusk/driver/codec/system.hpp>

#include "types/oids.hpp"
#include "types/wire.hpp"

#include <tusk/driver/byte_reader.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

namespace tusk {

namespace {

/// The order that PostgreSQL keeps.
bool is_ordered(std::uint64_t xmin, std::uint64_t xmax, const std::vector<std::uint64_t>& in_progress) noexcept
{
    if (xmin == 0 || xmax < xmin || xmax > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
        return false;
    std::uint64_t least = xmin;
    for (const std::uint64_t each : in_progress) {
        if (each < least || each >= xmax)
            return false;
        least = each;
    }
    return true;
}

/// Takes a number and the separator behind it, if there is one.
std::optional<std::uint64_t> take_number(std::string_view& text, char separator) noexcept
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text[0] != separator)
        return std::nullopt;
    text.remove_prefix(text.empty() ? 0 : 1);
    return value;
}

pg_snapshot from_binary(std::span<const std::byte> bytes)
{
    byte_reader reader{bytes, "pg_snapshot"};
    const auto count = reader.take<std::uint32_t>();
    const auto xmin = reader.take<std::uint64_t>();
    const auto xmax = reader.take<std::uint64_t>();
    // Memory for what has arrived, never for what is announced.
    if (reader.left() / sizeof(std::uint64_t) < count || reader.left() != count * sizeof(std::uint64_t)) [[unlikely]]
        types::fail_decode("pg_snapshot", "its length does not fit its number of transactions");
    std::vector<std::uint64_t> in_progress(count);
    for (std::uint64_t& each : in_progress)
        each = reader.take<std::uint64_t>();
    if (!is_ordered(xmin, xmax, in_progress)) [[unlikely]]
        types::fail_decode("pg_snapshot", "its transactions are not in order");
    return {xmin, xmax, std::move(in_progress)};
}

pg_snapshot from_text(std::span<const std::byte> bytes) { return pg_snapshot::parse(types::as_text(bytes)); }

void to_binary(const pg_snapshot& value, byte_writer& out)
{
    if (value.in_progress().size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) [[unlikely]]
        types::fail_encode("pg_snapshot", "it has more than 2147483647 transactions");
    out.put(static_cast<std::int32_t>(value.in_progress().size()));
    out.put(value.xmin());
    out.put(value.xmax());
    for (const std::uint64_t each : value.in_progress())
        out.put(each);
}

bool is_snapshot(oid type) noexcept { return type == oids::pg_snapshot || type == oids::txid_snapshot; }

} // namespace

pg_snapshot::pg_snapshot(std::uint64_t xmin, std::uint64_t xmax, std::vector<std::uint64_t> in_progress)
    : xmin_{xmin}, xmax_{xmax}, in_progress_{std::move(in_progress)}
{
    if (!is_ordered(xmin_, xmax_, in_progress_))
        types::fail_encode("pg_snapshot", "its transactions are not in ascending order from xmin to before xmax");
}

std::optional<pg_snapshot> pg_snapshot::try_parse(std::string_view text)
{
    if (std::ranges::count(text, ':') != 2 || text.ends_with(','))
        return std::nullopt;
    const std::optional<std::uint64_t> xmin = take_number(text, ':');
    const std::optional<std::uint64_t> xmax = xmin ? take_number(text, ':') : std::nullopt;
    if (!xmax)
        return std::nullopt;
    std::vector<std::uint64_t> in_progress;
    while (!text.empty()) {
        const std::optional<std::uint64_t> each = take_number(text, ',');
        if (!each)
            return std::nullopt;
        in_progress.push_back(*each);
    }
    if (!is_ordered(*xmin, *xmax, in_progress))
        return std::nullopt;
    return pg_snapshot{*xmin, *xmax, std::move(in_progress)};
}

pg_snapshot pg_snapshot::parse(std::string_view text)
{
    std::optional<pg_snapshot> value = try_parse(text);
    if (!value)
        types::fail_decode("pg_snapshot", "its text is not transactions in order, such as 10:20:10,14,15");
    return *std::move(value);
}

std::string to_string(const pg_snapshot& value)
{
    return fmt::format("{}:{}:{}", value.xmin(), value.xmax(), fmt::join(value.in_progress(), ","));
}

decode_function<pg_snapshot> codec<pg_snapshot>::decoder(oid type, format as) noexcept
{
    if (!is_snapshot(type))
        return nullptr;
    return as == format::text ? from_text : from_binary;
}

encode_plan<pg_snapshot> codec<pg_snapshot>::encoder(oid type) noexcept
{
    if (!is_snapshot(type))
        return {};
    return {to_binary, format::binary};
}

} // namespace tusk
