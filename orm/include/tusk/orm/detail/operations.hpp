#pragma once

#include <tusk/driver/column.hpp>
#include <tusk/driver/detail/parameter.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tusk {
struct type_info;
} // namespace tusk

/// What compiled code needs to know of the C++ types of an entity and its members: functions, and no templates.
namespace tusk::orm::detail {

class relation_member;

/// Reads the fields of one column of one result into members.
class field_reader
{
public:
    field_reader() = default;
    field_reader(const field_reader&) = delete;
    field_reader& operator=(const field_reader&) = delete;
    virtual ~field_reader() = default;

    /// @param member  The member's address.
    /// @throws decode_error  The bytes are not a value of the type.
    virtual void read(std::span<const std::byte> bytes, void* member) const = 0;
    /// @throws decode_error  The member cannot be NULL.
    virtual void read_null(void* member) const = 0;
};

struct column_operations {
    /// The member's address in an entity; null where the column has no member.
    void* (*member)(void* entity) = nullptr;
    /// The member's value as a parameter: `parameter{member(entity), parameter}`.
    const tusk::detail::parameter_operations* parameter = nullptr;
    /// Matches the member's type with what the server sends.
    /// @throws decode_error  They do not fit; the message names both.
    std::unique_ptr<field_reader> (*reader)(const tusk::column& of) = nullptr;
    /// Of a composite type of the database's own, and of its arrays, else null: the type of that name.
    std::shared_ptr<const type_info> (*composite)(std::string_view name) = nullptr;
    /// Assigns the member of one entity from that of another.
    void (*assign)(void* to_entity, const void* from_entity) = nullptr;
    /// Of a deferred member, else null: whether it holds a value, and how it forgets it.
    bool (*is_loaded)(const void* member) = nullptr;
    void (*unload)(void* member) = nullptr;
};

struct relation_operations {
    /// The relation member of an entity.
    relation_member& (*member)(void* entity) = nullptr;
};

struct entity_operations {
    std::size_t size = 0;
    std::size_t alignment = 0;
    void (*construct)(void* at) = nullptr;
    void (*move_to)(void* at, void* from) = nullptr;
    void (*destroy)(void* entity) = nullptr;
};

} // namespace tusk::orm::detail
