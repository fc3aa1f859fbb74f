#pragma once

#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/detail/output_list.hpp>

#include <type_traits>
#include <utility>

namespace tusk::orm {

namespace detail {

/// Adds an option; one for the same relation is merged with it, and the last word wins.
void add_option(std::vector<load_option>& to, load_option option);
/// The option that a chain has come to.
load_option& end_of(load_option& chain, std::size_t depth);

template <auto Member>
const column_info& deferred_member()
{
    static_assert(is_deferred<type_of<Member>>,
                  "tusk: only a member of the type orm::deferred<T> can be left out of a load");
    return column_of_member(table_of<entity_of<Member>>(), member_name<Member>());
}

} // namespace detail

/// What is loaded beside the entities of a statement, relation by relation:
/// `.options(orm::selectinload<&user::posts>().joinedload<&post::author>())`.
/// @tparam Root  The class that the chain starts from.
/// @tparam At    The class that it has come to.
template <class Root, class At>
class loader
{
public:
    explicit loader(detail::load_option option, std::size_t depth = 0) : option_{std::move(option)}, depth_{depth} {}

    /// The relation of the entities that the chain has come to: by one statement more.
    template <auto Member>
    [[nodiscard]] auto selectinload() const
    {
        return next<Member>(detail::load_strategy::selectin, nullptr);
    }
    /// In the same statement, by a join that the rest of it does not see.
    template <auto Member>
    [[nodiscard]] auto joinedload() const
    {
        return next<Member>(detail::load_strategy::joined, nullptr);
    }
    /// The statement joins the relation itself, to its table or to an alias.
    template <auto Member>
    [[nodiscard]] auto contains_eager() const
    {
        return next<Member>(detail::load_strategy::contains, nullptr);
    }
    template <auto Member>
    [[nodiscard]] auto contains_eager(const alias<detail::target_of<Member>>& in) const
    {
        return next<Member>(detail::load_strategy::contains, in.source());
    }

    /// `joinedload`: JOIN instead of LEFT JOIN, where the far side is always there.
    [[nodiscard]] loader inner() const
    {
        loader made = *this;
        detail::end_of(made.option_, depth_).is_inner = true;
        return made;
    }
    /// Of the deferred columns, only these.
    template <auto... Members>
    [[nodiscard]] loader load_only() const
    {
        loader made = *this;
        auto& columns = detail::end_of(made.option_, depth_).columns;
        columns.is_only = true;
        (columns.only.push_back(&checked<Members>()), ...);
        return made;
    }
    /// Without these deferred columns.
    template <auto... Members>
    [[nodiscard]] loader defer() const
    {
        loader made = *this;
        auto& columns = detail::end_of(made.option_, depth_).columns;
        (columns.left_out.push_back(&checked<Members>()), ...);
        return made;
    }
    /// Several relations from here.
    template <class... To>
    [[nodiscard]] loader options(const loader<At, To>&... further) const
    {
        loader made = *this;
        auto& nested = detail::end_of(made.option_, depth_).nested;
        (detail::add_option(nested, further.option()), ...);
        return made;
    }

    [[nodiscard]] const detail::load_option& option() const noexcept { return option_; }

private:
    template <auto Member>
    static const column_info& checked()
    {
        static_assert(std::is_same_v<detail::entity_of<Member>, At>,
                      "tusk: this member belongs to another class than the chain of options has come to");
        return detail::deferred_member<Member>();
    }

    template <auto Member>
    [[nodiscard]] auto next(detail::load_strategy strategy, detail::source_ptr in) const
    {
        static_assert(std::is_same_v<detail::entity_of<Member>, At>,
                      "tusk: this relation starts from another class than the chain of options has come to");
        detail::load_option chain = option_;
        detail::load_option added;
        added.relation = &detail::relation_of<Member>();
        added.strategy = strategy;
        added.contained = std::move(in);
        detail::end_of(chain, depth_).nested.push_back(std::move(added));
        return loader<Root, detail::target_of<Member>>{std::move(chain), depth_ + 1};
    }

    detail::load_option option_;
    std::size_t depth_;
};

namespace detail {

template <auto Member>
loader<entity_of<Member>, target_of<Member>> make_loader(load_strategy strategy, source_ptr in = nullptr)
{
    load_option made;
    made.relation = &relation_of<Member>();
    made.strategy = strategy;
    made.contained = std::move(in);
    return loader<entity_of<Member>, target_of<Member>>{std::move(made)};
}

} // namespace detail

/// Loads a relation by one statement for all entities: `WHERE posts.author_id = ANY($1)`. The right choice for
/// collections.
template <auto Member>
[[nodiscard]] auto selectinload()
{
    return detail::make_loader<Member>(detail::load_strategy::selectin);
}

/// Loads a relation in the same statement, by a LEFT JOIN that its conditions and order do not see. The right choice
/// for single entities; a collection repeats the row that it belongs to, and with a limit the statement becomes a
/// subquery.
template <auto Member>
[[nodiscard]] auto joinedload()
{
    return detail::make_loader<Member>(detail::load_strategy::joined);
}

/// The statement joins the relation itself: its columns are loaded from there.
template <auto Member>
[[nodiscard]] auto contains_eager()
{
    return detail::make_loader<Member>(detail::load_strategy::contains);
}
template <auto Member>
[[nodiscard]] auto contains_eager(const alias<detail::target_of<Member>>& in)
{
    return detail::make_loader<Member>(detail::load_strategy::contains, in.source());
}

/// Of the deferred columns of a class, only these are loaded.
template <auto First, auto... Members>
[[nodiscard]] auto load_only()
{
    using entity = detail::entity_of<First>;
    detail::load_option made;
    made.strategy = detail::load_strategy::self;
    return loader<entity, entity>{std::move(made)}.template load_only<First, Members...>();
}

/// These deferred columns of a class are not loaded.
template <auto First, auto... Members>
[[nodiscard]] auto defer()
{
    using entity = detail::entity_of<First>;
    detail::load_option made;
    made.strategy = detail::load_strategy::self;
    return loader<entity, entity>{std::move(made)}.template defer<First, Members...>();
}

} // namespace tusk::orm
