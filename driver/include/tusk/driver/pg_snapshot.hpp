#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

/// Which transactions a snapshot sees: a value of PostgreSQL's `pg_snapshot` and of its predecessor `txid_snapshot`.
class pg_snapshot
{
public:
    pg_snapshot() = default;

    /// @param xmin         All older transactions have ended.
    /// @param xmax         No transaction from here on had begun.
    /// @param in_progress  Those between that had not ended, in ascending order.
    /// @throws encode_error  The numbers are not in this order, or 0.
    pg_snapshot(std::uint64_t xmin, std::uint64_t xmax, std::vector<std::uint64_t> in_progress);

    /// Reads "10:20:10,14,15".
    /// @throws decode_error  The text is nothing of the kind.
    static pg_snapshot parse(std::string_view text);

    /// The same without an exception: empty where `parse` throws.
    static std::optional<pg_snapshot> try_parse(std::string_view text);

    [[nodiscard]] std::uint64_t xmin() const noexcept { return xmin_; }
    [[nodiscard]] std::uint64_t xmax() const noexcept { return xmax_; }
    [[nodiscard]] const std::vector<std::uint64_t>& in_progress() const noexcept { return in_progress_; }

    friend bool operator==(const pg_snapshot&, const pg_snapshot&) = default;

private:
    std::uint64_t xmin_ = 1;
    std::uint64_t xmax_ = 1;
    std::vector<std::uint64_t> in_progress_;
};

/// As PostgreSQL prints it: "10:20:10,14,15".
[[nodiscard]] std::string to_string(const pg_snapshot& value);

} // namespace tusk
