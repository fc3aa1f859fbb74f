#include <tusk/driver/copy_writer.hpp>

#include "connection/bind.hpp"
#include "connection/copy_in.hpp"
#include "connection/engine.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/detail/native_value.hpp>
#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace tusk {

namespace {

/// What a writer may hold that nobody flushes, in bytes.
constexpr std::size_t most_unflushed = std::size_t{8} * 1024 * 1024;

constexpr std::string_view signature{"PGCOPY\n\xff\r\n\0", 11};

} // namespace

namespace detail {

copy_buffer::copy_buffer(request_ptr copy) : copy_{std::move(copy)} { copy_->to.connection->add_handle(); }

copy_buffer& copy_buffer::operator=(copy_buffer&& other) noexcept
{
    if (this != &other) {
        copy_buffer gone{std::move(*this)};
        copy_ = std::move(other.copy_);
        bytes_ = std::move(other.bytes_);
    }
    return *this;
}

copy_buffer::~copy_buffer()
{
    if (copy_) {
        const std::shared_ptr<engine> at = copy_->to.connection;
        at->drop_open(std::move(copy_));
    }
}

void copy_buffer::begin_message()
{
    if (copy_->at_home)
        bytes_ = static_cast<copy_in_operation&>(*copy_).take_spare();
    // Room for all of it at once: growing would copy it again and again.
    if (bytes_.capacity() < due)
        bytes_.extend(due + due / 16);
    bytes_.clear();
    bytes_.put('d');
    bytes_.put(std::int32_t{0});
}

byte_writer& copy_buffer::out()
{
    if (!copy_)
        throw usage_error{"this writer was moved from"};
    if (bytes_.size() > most_unflushed)
        throw usage_error{
            fmt::format("{} bytes wait to be sent: co_await flush() whenever add() returns true", bytes_.size())};
    if (bytes_.empty())
        begin_message();
    return bytes_;
}

request_ptr copy_buffer::send(bool last)
{
    if (!copy_)
        throw usage_error{"this writer was moved from"};
    if (bytes_.empty())
        begin_message();
    bytes_.patch(1, protocol::length_field(bytes_.size() - 1));
    return make_copy_send(copy_, std::exchange(bytes_, byte_writer{}), last);
}

copy_writer take_copy_writer::from(request& done) { return copy_writer{request_ptr{&done}}; }

raw_copy_writer take_raw_copy_writer::from(request& done) { return raw_copy_writer{request_ptr{&done}}; }

} // namespace detail

copy_writer::copy_writer(detail::request_ptr copy) : buffer_{std::move(copy)}, columns_{copy_columns(buffer_.copy())}
{
    byte_writer& out = buffer_.out();
    out.put_text(signature);
    out.put(std::int32_t{0}); // flags
    out.put(std::int32_t{0}); // length of the header's extension
}

bool copy_writer::has_types(std::span<const oid> types) const noexcept
{
    return std::ranges::equal(types, *columns_, detail::travels_alike, {}, &column::type);
}

bool copy_writer::add_row(std::span<const detail::parameter> row)
{
    if (row.size() != columns_->size())
        throw usage_error{
            fmt::format("the COPY has {} column(s), but the row has {} value(s)", columns_->size(), row.size())};
    byte_writer& out = buffer_.out();
    const std::size_t mark = out.size();
    try {
        out.put(static_cast<std::int16_t>(row.size()));
        const column* of = columns_->data();
        for (const detail::parameter& value : row) {
            if (!detail::write_native<detail::native_length::before>(out, value, of->type)) {
                detail::write_copy_field(out, value, *of);
                static_cast<void>(protocol::length_field(out.size()));
            }
            ++of;
        }
    } catch (...) {
        out.truncate(mark);
        throw;
    }
    return buffer_.is_due();
}

void copy_writer::fail_element(std::size_t position, const encode_error& refused)
{
    throw encode_error{fmt::format("element {} (counted from 0): {}", position, refused.what())};
}

asio::awaitable<command_tag> copy_writer::finish()
{
    buffer_.out().put(std::int16_t{-1});
    return detail::await_value<command_tag, detail::take_tag>(buffer_.send(true));
}

bool raw_copy_writer::add(std::span<const std::byte> bytes)
{
    byte_writer& out = buffer_.out();
    // Both are small enough for their sum not to wrap: what is in memory is addressable.
    static_cast<void>(protocol::length_field(out.size() + bytes.size()));
    out.put_bytes(bytes);
    return buffer_.is_due();
}

} // namespace tusk
