#pragma once

#include <tusk/orm/table_info.hpp>

#include <memory>

namespace tusk::orm::detail {

/// An object of a mapped class that belongs to no store: room for values on their way from one encoding to another.
class scratch_entity
{
public:
    explicit scratch_entity(const table_info& of);

    [[nodiscard]] void* object() const noexcept { return object_.get(); }

private:
    struct destroyer {
        const table_info* table;
        void operator()(void* object) const noexcept;
    };

    std::unique_ptr<void, destroyer> object_;
};

} // namespace tusk::orm::detail
