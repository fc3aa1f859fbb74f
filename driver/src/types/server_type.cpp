#include <tusk/driver/server_type.hpp>

#include "types/builtin_types.hpp"
#include "types/type_info.hpp"

#include <tusk/driver/type_name.hpp>

namespace tusk {

namespace {

/// The only type whose arrays have another delimiter, as the output of its values is full of commas.
constexpr oid box = 603;

} // namespace

type_kind server_type::kind() const noexcept { return info_ == nullptr ? builtin_kind(number_) : info_->kind; }

std::string_view server_type::name() const noexcept { return info_ == nullptr ? type_name(number_) : info_->name; }

std::string_view server_type::schema() const noexcept
{
    return info_ == nullptr ? std::string_view{} : std::string_view{info_->schema};
}

server_type server_type::of() const noexcept
{
    if (info_ == nullptr)
        return builtin_of(number_);
    return {info_->of, info_->of_info.get()};
}

server_type server_type::without_domains() const noexcept
{
    server_type type = *this;
    while (type.info_ != nullptr && type.info_->kind == type_kind::domain)
        type = type.of();
    return type;
}

char server_type::delimiter() const noexcept
{
    if (info_ == nullptr)
        return number_ == box ? ';' : ',';
    return info_->delimiter;
}

std::size_t server_type::field_count() const noexcept { return info_ == nullptr ? 0 : info_->fields.size(); }

server_type server_type::field(std::size_t position) const noexcept
{
    const type_info::field& field = info_->fields[position];
    return {field.type, field.info.get()};
}

void server_type::mark_outdated() const noexcept
{
    if (info_ != nullptr && info_->outdated)
        info_->outdated->store(true, std::memory_order_relaxed);
}

std::string describe_type(server_type type)
{
    return type.info() == nullptr ? describe_type(type.number()) : type.info()->sql_name;
}

} // namespace tusk
