#pragma once

#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/detail/big_endian.hpp>
#include <tusk/driver/oid.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tusk::protocol {

/// The longest message that a server takes, its length field included: PostgreSQL's PQ_LARGE_MESSAGE_LIMIT.
inline constexpr std::size_t longest_message = 0x3fff'fffe;

/// The length field of a message: every length that goes out passes here, so none can wrap.
/// @throws encode_error  It is longer than a server takes.
[[nodiscard]] std::int32_t length_field(std::size_t length);

/// Writes one frontend message: the type byte, a length that is patched in at the end, and whatever the caller
/// puts between. Destroyed without `end()` (an encoder threw), it takes back what it wrote, so that a failed
/// encode never reaches the wire.
class message_scope
{
public:
    message_scope(byte_writer& out, char type) : out_{&out}, start_{out.size()}
    {
        std::byte* head = out.extend(header);
        head[0] = static_cast<std::byte>(type);
        detail::store_big_endian(head + 1, std::int32_t{0});
    }
    message_scope(const message_scope&) = delete;
    message_scope& operator=(const message_scope&) = delete;
    ~message_scope()
    {
        if (open_)
            out_->truncate(start_);
    }

    /// Closes the message.
    /// @throws encode_error  It is longer than a server takes.
    void end()
    {
        out_->patch(start_ + 1, length_field(out_->size() - start_ - 1));
        open_ = false;
    }

private:
    static constexpr std::size_t header = 5;

    byte_writer* out_;
    std::size_t start_;
    bool open_ = true;
};

/// A statement and the types its parameters are declared to have; 0 leaves a type to the server.
void write_parse(byte_writer& out, std::string_view statement, std::string_view sql, std::span<const oid> declared);

/// Asks for the parameter types and columns of a named statement.
void write_describe_statement(byte_writer& out, std::string_view statement);

/// Binds a statement without parameters to the unnamed portal.
void write_bind_nothing(byte_writer& out, std::string_view statement);

/// Runs the unnamed portal to its end.
void write_execute(byte_writer& out);

/// Runs a portal for at most so many rows; 0 for all that are left.
void write_execute(byte_writer& out, std::string_view portal, std::int32_t most_rows);

/// Forgets a named statement. Naming one that is not there is not an error.
void write_close_statement(byte_writer& out, std::string_view statement);

/// Forgets a portal, and what the server keeps for it.
void write_close_portal(byte_writer& out, std::string_view portal);

/// Makes the server send what it has answered so far, without ending the flight.
void write_flush(byte_writer& out);
void write_sync(byte_writer& out);
void write_query(byte_writer& out, std::string_view sql);
void write_copy_done(byte_writer& out);
void write_copy_fail(byte_writer& out, std::string_view reason);
void write_terminate(byte_writer& out);

} // namespace tusk::protocol
