#pragma once

#include <tusk/orm/build_table.hpp>
#include <tusk/orm/detail/entity_node.hpp>
#include <tusk/orm/ref.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tusk::orm {

class table_info;

} // namespace tusk::orm

/// What the verbs of a session do, compiled once for all classes.
namespace tusk::orm::detail {

class session_state;

/// @param object   It is moved from.
/// @param written  Members that are written in any case.
entity_node& add_entity(session_state& to, const table_info& table, void* object,
                        std::initializer_list<std::string_view> written);
void add_again(session_state& to, entity_node* entity);
void remove_entity(session_state& from, entity_node* entity);
void expunge_entity(session_state& from, entity_node* entity);
bool is_modified(session_state& in, entity_node* entity);

/// Where an entity stands before a flush.
enum class standing : std::uint8_t { pending, dirty, removed };
std::vector<entity_node*> entities(session_state& in, const table_info& table, standing what);

asio::awaitable<void> refresh_entity(std::shared_ptr<session_state> in, entity_node* entity);

/// @param from  The object whose columns are copied; not kept.
asio::awaitable<entity_node*> merge_entity(std::shared_ptr<session_state> in, const table_info* table, void* from);

template <class T>
asio::awaitable<ref<T>> merge_typed(std::shared_ptr<session_state> in, std::unique_ptr<T> from)
{
    entity_node* merged = co_await merge_entity(std::move(in), &table_of<T>(), from.get());
    co_return ref_access::make<T>(merged);
}

[[noreturn]] void fail_not_found(const table_info& table);

template <class T>
asio::awaitable<ref<T>> require_found(asio::awaitable<ref<T>> looking)
{
    ref<T> found = co_await std::move(looking);
    if (!found)
        fail_not_found(table_of<std::remove_const_t<T>>());
    co_return found;
}

} // namespace tusk::orm::detail
