#include "connection/query.hpp"

#include "connection/bind.hpp"
#include "connection/engine.hpp"
#include "connection/stream.hpp"
#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <utility>

namespace tusk::detail {

namespace {

constexpr std::size_t most_parameters = 65535;

std::size_t aligned(std::size_t size, std::size_t alignment) { return (size + alignment - 1) / alignment * alignment; }

void check_count(std::size_t count)
{
    if (count > most_parameters)
        throw usage_error{fmt::format("{} parameters are more than the {} that one statement can have; pass arrays and "
                                      "unnest() them, or use several statements",
                                      count, most_parameters)};
}

} // namespace

// ---- Making one.

[[gnu::hot]] query_block::query_block(const target& to, verb kind, std::string_view sql, std::size_t parameter_count,
                                      std::size_t size, std::size_t alignment)
{
    check_sql(sql);
    check_count(parameter_count);
    // Behind the object: the arguments, their descriptions, the text.
    const std::size_t object = kind == verb::query ? sizeof(query_operation) : sizeof(stream_operation);
    const std::size_t at_arguments = aligned(object, alignof(std::max_align_t));
    const std::size_t at_parameters = aligned(at_arguments + size, alignof(parameter));
    const std::size_t at_text = at_parameters + parameter_count * sizeof(parameter);
    if (alignment > alignof(std::max_align_t))
        throw usage_error{"a parameter type is over-aligned; pass it by a plain type"};
    const std::size_t block_size = at_text + sql.size();
    void* block = allocate_request(block_size);
    auto* bytes = static_cast<std::byte*>(block);
    arguments_ = bytes + at_arguments;
    auto* first = reinterpret_cast<parameter*>(bytes + at_parameters);
    std::uninitialized_default_construct_n(first, parameter_count);
    parameters_ = {first, parameter_count};
    auto* text = reinterpret_cast<char*>(bytes + at_text);
    std::memcpy(text, sql.data(), sql.size());
    const std::string_view kept{text, sql.size()};
    if (kind == verb::query) {
        auto* const made = ::new (block) query_operation{to, kept, parameters_, arguments_};
        made->takes_whole_answers = true;
        made_ = request_ptr{made};
    } else {
        made_ = request_ptr{::new (block) stream_operation{to, kept, parameters_, arguments_}};
    }
    static_cast<query_operation&>(*made_).lies_in_block_of(block_size);
}

[[gnu::hot]] request_ptr query_block::finish(void (*destroy)(void*)) &&
{
    static_cast<query_operation&>(*made_).destroy_arguments_with(destroy);
    return std::move(made_);
}

request_ptr make_listed(const target& to, verb kind, std::string_view sql, const parameters& list)
{
    check_count(list.size());
    query_block block{to, kind, sql, 0, 0, 1};
    request_ptr made = std::move(block).finish(nullptr);
    static_cast<query_operation&>(*made).refer_to(list);
    return made;
}

[[gnu::hot]] query_operation::~query_operation()
{
    if (destroy_arguments_ != nullptr)
        destroy_arguments_(arguments_);
}

void query_operation::refer_to(const tusk::parameters& list)
{
    list_ = list;
    parameters_ = list_.view();
}

// ---- Running.

[[gnu::hot]] std::vector<oid> query_operation::declared_types() const { return declared_types_of(parameters_); }

bool query_operation::needs_no_types() const { return can_bind_untyped(parameters_); }

[[gnu::hot]] void query_operation::write_execution(engine& at)
{
    write_bind(at.out(), {}, prepared(), parameters_);
    protocol::write_execute(at.out());
    reply.expect(protocol::step::execute);
}

[[gnu::hot]] void query_operation::receive_tag(engine& /*at*/, std::string_view tag)
{
    if (!abandoned)
        rows_for(prepared()).tag = command_tag{tag};
}

[[gnu::hot]] result_data& query_operation::rows_for(const statement& of)
{
    if (!data) {
        data = std::make_unique_for_overwrite<result_data>(); // its inline blocks need no zeroing
        data->columns = of.columns;
    }
    return *data;
}

[[gnu::hot]] void query_operation::keep_rows(const arrived_rows& run)
{
    const std::size_t columns = column_count();
    rows_for(prepared()).rows.append(run, columns);
}

} // namespace tusk::detail
