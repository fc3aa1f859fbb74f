#pragma once

#include "unit_of_work/entity_record.hpp"

#include <tusk/driver/byte_writer.hpp>
#include <tusk/orm/detail/operations.hpp>
#include <tusk/orm/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tusk::orm::detail {

/// Reads encoded values back into members; made once for each column and type.
class member_readers
{
public:
    /// @param type, as  What the bytes are.
    /// @throws decode_error  The member cannot hold the type.
    field_reader& reader(const column_info& into, oid type, format as);

    /// Puts an encoded value into a member.
    void put(const column_info& into, entity_node& entity, oid type, column_image what, std::string_view bytes);

private:
    std::map<std::pair<const column_info*, std::pair<oid, format>>, std::unique_ptr<field_reader>> made_;
    const column_info* last_column_ = nullptr;
    oid last_type_ = 0;
    format last_format_{};
    field_reader* last_ = nullptr;
};

/// What a flush has written into members, and what was there before: a flush that fails puts it back.
class value_journal
{
public:
    /// Before that member is written.
    void note(const column_info& column, entity_record& entity);
    void put_back() noexcept;

    [[nodiscard]] member_readers& readers() noexcept { return readers_; }
    /// Memory for whoever encodes values to compare them: no allocation a value.
    [[nodiscard]] byte_writer& scratch() noexcept { return scratch_; }
    [[nodiscard]] byte_writer& other_scratch() noexcept { return other_scratch_; }

private:
    struct entry {
        const column_info* column;
        entity_record* entity;
        std::size_t end;
        column_image what;
    };

    std::vector<entry> entries_;
    byte_writer bytes_;
    byte_writer scratch_;
    byte_writer other_scratch_;
    member_readers readers_;
};

} // namespace tusk::orm::detail
