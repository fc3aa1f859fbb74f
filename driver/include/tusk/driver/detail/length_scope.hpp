#pragma once

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace tusk::detail {

/// The binary form of a part of a container: its length, patched in at the end, and itself.
class length_scope
{
public:
    explicit length_scope(byte_writer& out) : out_{out}
    {
        out.put(std::int32_t{0});
        begin_ = out.size();
    }

    /// @throws encode_error  It is longer than any PostgreSQL value.
    void end();

private:
    byte_writer& out_;
    std::size_t begin_ = 0;
};

/// Takes the length of a part and the part itself.
/// @returns False where it is NULL.
/// @throws decode_error  The length is none, or there are fewer bytes.
bool take_part(byte_reader& from, std::span<const std::byte>& part);

} // namespace tusk::detail
