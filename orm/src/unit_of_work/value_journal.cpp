#include "unit_of_work/value_journal.hpp"

#include "unit_of_work/key.hpp"

#include <tusk/driver/column.hpp>

#include <string_view>

namespace tusk::orm::detail {

field_reader& member_readers::reader(const column_info& into, oid type, format as)
{
    if (last_ != nullptr && last_column_ == &into && last_type_ == type && last_format_ == as)
        return *last_;
    std::unique_ptr<field_reader>& found = made_[{&into, {type, as}}];
    if (!found) {
        column described;
        described.name = into.name;
        described.type = type;
        described.format = as;
        described.info = type == 0 ? own_type_of(into) : nullptr;
        found = into.operations.reader(described);
    }
    last_column_ = &into;
    last_type_ = type;
    last_format_ = as;
    last_ = found.get();
    return *found;
}

void member_readers::put(const column_info& into, entity_node& entity, oid type, column_image what,
                         std::string_view bytes)
{
    void* member = into.operations.member(entity.object);
    switch (what) {
    case column_image::null: reader(into, type, format::binary).read_null(member); break;
    case column_image::unknown: into.operations.unload(member); break;
    case column_image::binary:
    case column_image::text:
        reader(into, type, what == column_image::binary ? format::binary : format::text)
            .read(std::as_bytes(std::span{bytes}), member);
        break;
    }
}

void value_journal::note(const column_info& column, entity_record& entity)
{
    const column_image what = encode_column(column, entity, bytes_);
    entries_.push_back({&column, &entity, bytes_.size(), what});
}

void value_journal::put_back() noexcept
{
    const auto* bytes = reinterpret_cast<const char*>(bytes_.bytes().data());
    for (std::size_t i = entries_.size(); i-- > 0;) {
        const entry& each = entries_[i];
        const std::size_t begin = i == 0 ? 0 : entries_[i - 1].end;
        try {
            readers_.put(*each.column, *each.entity, each.column->type_oid, each.what,
                         {bytes + begin, each.end - begin});
        } catch (...) { // NOLINT(bugprone-empty-catch)
            // It was encoded from that very member.
        }
    }
    entries_.clear();
    bytes_.clear();
}

} // namespace tusk::orm::detail
