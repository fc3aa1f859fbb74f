#include "mapping/quoted.hpp"
#include "mapping/type_oid.hpp"
#include "query/renderer.hpp"
#include "query/source.hpp"

#include <tusk/orm/detail/bound_value.hpp>
#include <tusk/orm/table_info.hpp>

#include <algorithm>

namespace tusk::orm::detail {

node::~node() = default;

void node::add_sources(std::vector<source_ptr>& /*to*/) const {}

std::string_view node::name() const noexcept { return {}; }

std::string_view node::label() const noexcept { return {}; }

const column_info* node::column() const noexcept { return nullptr; }

oid node::array_type(oid otherwise) const noexcept { return otherwise; }

void parameter_node::render(renderer& to) const { to.write_parameter(*this); }

oid oid_of_type(std::string_view sql_type) { return oid_of_column_type(sql_type); }

namespace {

/// A column as its source has it.
class column_node final : public node
{
public:
    column_node(source_ptr from, std::string name, oid type, const column_info* like)
        : node{type, precedence::primary},
          from_{std::move(from)},
          name_{std::move(name)},
          quoted_{quoted(name_)},
          like_{like},
          array_type_{like != nullptr && type != 0 ? oid_of_column_type(like->type + "[]") : 0}
    {
    }

    void render(renderer& to) const override { to.write_column(*from_, quoted_); }
    void add_sources(std::vector<source_ptr>& to) const override
    {
        if (std::ranges::find(to, from_) == to.end())
            to.push_back(from_);
    }
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] const column_info* column() const noexcept override { return like_; }
    [[nodiscard]] oid array_type(oid otherwise) const noexcept override
    {
        // A column of the database's own type says 0 on purpose: the server knows the array's type.
        return like_ != nullptr ? array_type_ : otherwise;
    }

private:
    source_ptr from_;
    std::string name_;
    std::string quoted_;
    const column_info* like_;
    oid array_type_;
};

} // namespace

node_ptr make_column(source_ptr from, const column_info& of)
{
    return std::make_shared<const column_node>(std::move(from), of.name, of.type_oid, &of);
}

node_ptr make_named_column(source_ptr from, std::string name, oid type, const column_info* like)
{
    return std::make_shared<const column_node>(std::move(from), std::move(name), type, like);
}

} // namespace tusk::orm::detail
