#pragma once

#include "connection/batch.hpp"
#include "connection/operation.hpp"

#include <tusk/driver/detail/pipeline_access.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// The requests of a pipeline, in whatever way they are run.
class pipeline_parts
{
public:
    virtual ~pipeline_parts() = default;
    void add(part added) { parts_.push_back(std::move(added)); }
    virtual void part_done() = 0;

protected:
    /// From here on each part reports to the whole.
    void await_parts(const request_ptr& whole);
    [[nodiscard]] std::vector<part>& parts() noexcept { return parts_; }

private:
    std::vector<part> parts_;
};

/// Each statement by itself, in order. Those that are not prepared yet are prepared first, all in one flight; from
/// then on every statement takes its turn in the connection's queue.
class pipeline_operation final : public operation, public pipeline_parts
{
public:
    using operation::operation;

    pipeline_parts* parts_of() noexcept override { return this; }

    [[nodiscard]] std::string_view name() const noexcept override { return "pipeline"; }
    bool join(engine& at) override;
    void leave(engine& at) override;
    staging stage(engine& /*at*/) override { return staging::finished; }
    void discard() noexcept override;
    void part_done() override;

private:
    void prepare(engine& at);
    void run();

    std::size_t preparing_ = 0;
    std::size_t left_ = 0;
};

/// All statements under one Sync.
class atomic_pipeline_operation final : public batch_operation, public pipeline_parts
{
public:
    using batch_operation::batch_operation;

    pipeline_parts* parts_of() noexcept override { return this; }

    bool join(engine& at) override;
    void part_done() override {}
    void released(engine& at) override { tell_parts(at); }
    void ended(engine& at) noexcept override;
    void discard() noexcept override;

protected:
    std::vector<std::shared_ptr<statement>> statements(engine& at) override;
    bool next(item& into) override;
    statement& statement_at(std::size_t position) override { return *statements_[position]; }
    void receive_rows_of(std::size_t position, const arrived_rows& run) override;
    void receive_tag_of(std::size_t position, std::string_view tag) override;
    void failed_at(std::size_t position) override { culprit_ = position; }
    void failed_to_prepare(const statement& which) override;

private:
    void tell_parts(engine& at) noexcept;

    std::vector<std::shared_ptr<statement>> statements_; ///< One a part.
    std::size_t taken_ = 0;
    std::size_t culprit_ = static_cast<std::size_t>(-1);
    bool told_ = false; ///< The parts have what they get.
};

} // namespace tusk::detail
