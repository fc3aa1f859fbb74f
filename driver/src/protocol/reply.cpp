#include "protocol/reply.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cassert>

namespace tusk::protocol {

[[gnu::hot]] void reply::expect(step kind, unsigned count)
{
    if (part_ == count_) // a flight that is answered while it is still being written
        part_ = count_ = 0;
    if (count_ != 0 && parts_[count_ - 1].kind == kind) {
        parts_[count_ - 1].left += count;
        return;
    }
    assert(count_ < parts_.size());
    if (kind == step::fetch && count_ == part_)
        in_rows_ = true;
    parts_[count_++] = {kind, count};
}

[[gnu::hot]] event reply::accept(const backend_message& message)
{
    // A script has as many results as it likes, but at least one, and each comes to its end.
    const bool finished =
        part_ == count_ || (parts_[part_].kind == step::script && position_ != 0 && !in_rows_ && !copying_out_);
    if (message.type == 'Z') {
        if (!failed_ && !finished)
            refuse(message.type);
        in_rows_ = false;
        return event::ready;
    }
    if (failed_)
        refuse(message.type);
    if (part_ < count_)
        current_ = parts_[part_].kind;
    if (message.type == 'E') {
        failed_ = true;
        in_rows_ = false;
        return event::error;
    }
    if (part_ == count_)
        refuse(message.type);
    return accept_in_part(message.type);
}

[[gnu::hot]] void reply::accept_executions(std::size_t count) noexcept
{
    if (count == 0)
        return;
    assert(count <= executions_to_come());
    current_ = step::execute;
    parts_[part_].left -= static_cast<unsigned>(count - 1);
    end_of_part();
}

event reply::accept_in_part(char type)
{
    switch (parts_[part_].kind) {
    case step::close:
        if (type != '3')
            refuse(type);
        end_of_part();
        return event::none;
    case step::parse:
        if (type != '1')
            refuse(type);
        end_of_part();
        return event::none;
    case step::command: return accept_command(type);
    case step::prepare: return accept_prepare(type);
    case step::execute: return accept_execute(type);
    case step::run: return accept_run(type);
    case step::fetch: return accept_fetch(type);
    case step::script: return accept_script(type);
    }
    refuse(type);
}

event reply::accept_command(char type)
{
    static constexpr std::array<char, 3> order{'1', '2', 'C'};
    if (type != order[position_])
        refuse(type);
    if (++position_ < order.size())
        return event::none;
    end_of_part();
    return event::complete;
}

event reply::accept_prepare(char type)
{
    if (position_ == 0 && type == '1') {
        position_ = 1;
        return event::none;
    }
    if (position_ == 1 && type == 't') {
        position_ = 2;
        return event::parameters;
    }
    if (position_ == 2 && (type == 'T' || type == 'n')) {
        end_of_part();
        return type == 'T' ? event::columns : event::no_columns;
    }
    refuse(type);
}

event reply::accept_run(char type)
{
    switch (position_) {
    case 0:
        if (type == '1') {
            ++position_;
            return event::none;
        }
        break;
    case 1:
        if (type == 't') {
            ++position_;
            return event::parameters;
        }
        break;
    case 2:
        if (type == 'T' || type == 'n') {
            ++position_;
            return type == 'T' ? event::columns : event::no_columns;
        }
        break;
    case 3:
        if (type == '2') {
            ++position_;
            in_rows_ = true;
            return event::none;
        }
        break;
    default: return accept_execution(type);
    }
    refuse(type);
}

event reply::accept_execute(char type)
{
    if (position_ != 0)
        return accept_execution(type);
    if (type != '2')
        refuse(type);
    position_ = 1;
    in_rows_ = true;
    return event::none;
}

event reply::accept_execution(char type)
{
    if (copying_out_) {
        if (type == 'd')
            return event::data;
        if (type == 'c') {
            copying_out_ = false;
            return event::none;
        }
        refuse(type);
    }
    if (copying_in_ && type != 'C') // the server only listens
        refuse(type);
    switch (type) {
    case 'D': return event::rows;
    case 'C': end_of_part(); return event::complete;
    case 'I': end_of_part(); return event::empty;
    case 's': end_of_part(); return event::suspended;
    case 'G':
        in_rows_ = false;
        copying_in_ = true;
        return event::copy_in;
    case 'H':
        in_rows_ = false;
        copying_out_ = true;
        return event::copy_out;
    default: refuse(type);
    }
}

event reply::accept_fetch(char type)
{
    switch (type) {
    case 'D': return event::rows;
    case 'C': end_of_part(); return event::complete;
    case 's': end_of_part(); return event::suspended;
    default: refuse(type);
    }
}

event reply::accept_script(char type)
{
    if (copying_out_) {
        if (type == 'd')
            return event::data;
        if (type == 'c') {
            copying_out_ = false;
            return event::none;
        }
        refuse(type);
    }
    if (in_rows_ && type != 'D' && type != 'C')
        refuse(type);
    switch (type) {
    case 'T': in_rows_ = true; return event::columns;
    case 'D':
        if (!in_rows_)
            refuse(type);
        return event::rows;
    case 'C':
        in_rows_ = false;
        position_ = 1;
        return event::complete;
    case 'I': position_ = 1; return event::empty;
    case 'G': return event::copy_in;
    case 'H': copying_out_ = true; return event::copy_out;
    default: refuse(type);
    }
}

void reply::end_of_part() noexcept
{
    position_ = 0;
    in_rows_ = false;
    copying_in_ = false;
    if (--parts_[part_].left == 0)
        ++part_;
    // A portal that is there answers with rows at once.
    if (part_ < count_ && parts_[part_].kind == step::fetch)
        in_rows_ = true;
}

void reply::refuse(char type) const
{
    throw protocol_error{fmt::format("the server sent a message of type 0x{:02x} that cannot come at this point "
                                     "of its answer, so the connection is closed",
                                     static_cast<unsigned char>(type))};
}

} // namespace tusk::protocol
