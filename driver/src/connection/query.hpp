#pragma once

#include "connection/statement_operation.hpp"

#include <tusk/driver/detail/make_request.hpp>
#include <tusk/driver/detail/parameter.hpp>
#include <tusk/driver/detail/spare_memory.hpp>

#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// One statement whose rows are all kept.
class query_operation : public statement_operation
{
public:
    /// @param sql         Kept behind the object itself; see `query_block`.
    /// @param parameters  Filled in before the operation is submitted.
    query_operation(target where, std::string_view sql, std::span<parameter> parameters, void* arguments) noexcept
        : statement_operation{std::move(where), sql}, parameters_{parameters}, arguments_{arguments}
    {
    }
    ~query_operation() override;

    /// It is made in a block of memory for the object and what is behind it (`query_block`).
    static void operator delete(query_operation* gone, std::destroying_delete_t) noexcept
    {
        const std::size_t size = gone->block_size_;
        gone->~query_operation();
        deallocate_request(gone, size);
    }
    void lies_in_block_of(std::size_t size) noexcept { block_size_ = size; }

    void destroy_arguments_with(void (*destroy)(void*)) noexcept { destroy_arguments_ = destroy; }
    void refer_to(const tusk::parameters& list);

    [[nodiscard]] std::span<const parameter> parameters() const noexcept { return parameters_; }
    /// Their values as text for people.
    [[nodiscard]] std::string shown_parameters() const;
    /// What the rows of that statement are kept in; made when the first one comes.
    result_data& rows_for(const statement& of);

protected:
    [[nodiscard]] std::vector<oid> declared_types() const override;
    [[nodiscard]] bool needs_no_types() const override;
    [[nodiscard]] bool can_run_unseen() const override { return true; }
    [[nodiscard]] std::size_t parameter_count() const override { return parameters_.size(); }
    void write_execution(engine& at) override;
    void receive_tag(engine& at, std::string_view tag) override;
    void keep_rows(const arrived_rows& run) override;
    std::shared_ptr<const column_list>* columns_of_rows() override
    {
        return data && data->columns ? &data->columns : nullptr;
    }
    void forget_rows() override { data.reset(); }

private:
    std::span<const parameter> parameters_;
    void* arguments_;
    std::size_t block_size_ = 0;
    void (*destroy_arguments_)(void*) = nullptr;
    tusk::parameters list_; ///< Keeps a run-time list alive.
};

} // namespace tusk::detail
