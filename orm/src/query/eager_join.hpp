#pragma once

#include "query/compilation.hpp"
#include "query/relation_join.hpp"

#include <tusk/orm/detail/select_data.hpp>

#include <cstddef>
#include <functional>
#include <vector>

/// `joinedload` and `contains_eager`: entities that come in the rows of others.
namespace tusk::orm::detail {

class eager_joins
{
public:
    /// Puts the options to the entities that they are about; the statement's own outputs are added already.
    /// @throws usage_error  There is no such entity.
    eager_joins(compilation& to, const std::vector<load_option>& options);
    /// The same for one entity, whose relations `options` are about.
    eager_joins(compilation& to, std::size_t parent, const std::vector<load_option>& options);

    [[nodiscard]] bool empty() const noexcept { return joins_.empty(); }
    /// Tables are joined: rows may be repeated, and the FROM has more than the statement says.
    [[nodiscard]] bool has_joins() const noexcept { return !joins_.empty(); }
    /// A joined collection repeats the rows that it belongs to.
    [[nodiscard]] bool has_collection() const noexcept;

    /// Makes the joined tables known.
    void enter(renderer::scope& scope) const;
    /// @param near  How the columns of the statement's own entities are written, by their place in the outputs; null:
    ///              as columns of their source.
    void write(const std::function<column_writer(std::size_t)>& near) const;
    /// The order within joined collections, behind the statement's own order.
    void write_order(bool is_first) const;

private:
    struct eager_join {
        std::size_t parent = 0; ///< In the outputs.
        join_item join;
    };

    void add(std::size_t parent, const load_option& option);

    compilation& to_;
    std::size_t own_outputs_; ///< Those that come from the statement itself.
    std::vector<eager_join> joins_;
};

} // namespace tusk::orm::detail
