#include "loading/key_encoder.hpp"

#include "unit_of_work/key.hpp"

#include <utility>

namespace tusk::orm::detail {

key_encoder::key_encoder(std::vector<const column_info*> columns)
    : columns_{std::move(columns)}, is_text_(columns_.size())
{
}

bool key_encoder::encode(void* entity, std::string& key)
{
    key.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const column_operations& its = columns_[i]->operations;
        const void* const member = its.member(entity);
        if ((its.is_loaded != nullptr && !its.is_loaded(member)) || its.parameter->is_null(member))
            return false;
        encoded_.clear();
        is_text_[i] = encode_value(*columns_[i], member, encoded_) == format::text;
        append_key_part(key, encoded_.bytes(), columns_.size() == 1);
    }
    return true;
}

} // namespace tusk::orm::detail
