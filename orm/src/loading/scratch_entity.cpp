#include "loading/scratch_entity.hpp"

#include <new>

namespace tusk::orm::detail {

namespace {

void* make(const table_info& of)
{
    const entity_operations& its = of.operations();
    const auto alignment = std::align_val_t{its.alignment};
    void* const room = ::operator new(its.size, alignment);
    try {
        its.construct(room);
    } catch (...) {
        ::operator delete(room, alignment);
        throw;
    }
    return room;
}

} // namespace

scratch_entity::scratch_entity(const table_info& of) : object_{make(of), destroyer{&of}} {}

void scratch_entity::destroyer::operator()(void* object) const noexcept
{
    table->operations().destroy(object);
    ::operator delete(object, std::align_val_t{table->operations().alignment});
}

} // namespace tusk::orm::detail
