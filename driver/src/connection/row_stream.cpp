#include <tusk/driver/row_stream.hpp>

#include "connection/engine.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace tusk {

row_stream& row_stream::operator=(row_stream&& other) noexcept
{
    if (this != &other) {
        row_stream gone{std::move(*this)};
        source_ = std::move(other.source_);
    }
    return *this;
}

row_stream::~row_stream()
{
    if (source_) {
        const std::shared_ptr<detail::engine> at = source_->to.connection;
        at->drop_open(std::move(source_));
    }
}

const detail::request_ptr& row_stream::source() const
{
    if (!source_)
        throw usage_error{"this row_stream object was moved from"};
    return source_;
}

row_view row_stream::operator[](std::size_t position) const
{
    if (position >= size())
        throw usage_error{fmt::format("row {} was asked for, but the batch has {} row(s)", position, size())};
    return {columns(), batch().rows[position]};
}

} // namespace tusk
