#include "loading/key_reader.hpp"

#include "loading/canonical_column.hpp"
#include "unit_of_work/key.hpp"

namespace tusk::orm::detail {

key_reader::key_reader(std::span<const column_info* const> like, std::span<const std::size_t> positions,
                       std::span<const tusk::column> columns)
{
    for (std::size_t i = 0; i < like.size(); ++i) {
        part& made = parts_.emplace_back();
        made.like = like[i];
        made.position = positions[i];
        const tusk::column& column = columns[positions[i]];
        if (column.format == format::binary && is_canonical(*like[i], column.type))
            continue;
        made.reader = like[i]->operations.reader(column);
        if (!scratch_)
            scratch_.emplace(*like[i]->table);
    }
}

std::optional<std::string_view> key_reader::read(const row_fields& row)
{
    if (parts_.size() == 1 && !parts_.front().reader) {
        if (row.is_null(parts_.front().position))
            return std::nullopt;
        const std::span<const std::byte> bytes = row[parts_.front().position];
        return std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    key_.clear();
    for (const part& each : parts_) {
        if (row.is_null(each.position))
            return std::nullopt;
        std::span<const std::byte> bytes = row[each.position];
        if (each.reader) {
            void* const member = each.like->operations.member(scratch_->object());
            each.reader->read(bytes, member);
            encoded_.clear();
            encode_value(*each.like, member, encoded_);
            bytes = encoded_.bytes();
        }
        append_key_part(key_, bytes, parts_.size() == 1);
    }
    return key_;
}

} // namespace tusk::orm::detail
