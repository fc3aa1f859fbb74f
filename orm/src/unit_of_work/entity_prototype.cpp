#include "unit_of_work/entity_prototype.hpp"

#include <new>

namespace tusk::orm::detail {

entity_prototype::entity_prototype(const table_info& table)
{
    const entity_operations& its = table.operations();
    node_.table = &table;
    node_.object = ::operator new(its.size, std::align_val_t{its.alignment});
    try {
        its.construct(node_.object);
    } catch (...) {
        ::operator delete(node_.object, std::align_val_t{its.alignment});
        throw;
    }
    row_encoder encoder;
    encoder.encode_leniently(node_);
    image_ = row_image::of(encoder);
}

entity_prototype::~entity_prototype()
{
    const entity_operations& its = node_.table->operations();
    its.destroy(node_.object);
    ::operator delete(node_.object, std::align_val_t{its.alignment});
}

} // namespace tusk::orm::detail
