#pragma once

#include "connection/engine.hpp"

namespace tusk::detail {

/// While one of the engine's I/O handlers runs, what callers stage is held back, so that everything that a batch of
/// answers sets off goes out in one write. The destructor does it even when a caller's coroutine throws out of here.
class engine::handler_scope
{
public:
    explicit handler_scope(engine& of) noexcept : of_{&of} { of.in_handler_ = true; }
    handler_scope(const handler_scope&) = delete;
    handler_scope& operator=(const handler_scope&) = delete;
    ~handler_scope()
    {
        of_->in_handler_ = false;
        // A caller threw out of its completion: the others still get theirs, from the executor.
        while (!of_->completed_.empty())
            of_->finish(of_->completed_.pop_front());
        of_->flush();
        of_->arm_read();
    }

private:
    engine* of_;
};

} // namespace tusk::detail
