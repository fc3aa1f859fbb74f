#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

namespace tusk::orm {

struct relation_info;

namespace detail {

struct entity_node;

/// What all relation members have in common: whose they are, and whether they are loaded.
///
/// A relation is bound by the store when an entity is put into it, and by nothing else. A copied or moved entity has
/// unbound, unloaded relations; assigning to a bound one keeps its binding and contents, so that `*a = *b` copies
/// columns.
class relation_member
{
public:
    /// The entity that it belongs to; null while it is unbound.
    [[nodiscard]] entity_node* owner() const noexcept { return owner_; }
    [[nodiscard]] const relation_info& relation() const noexcept { return *relation_; }
    [[nodiscard]] bool loaded() const noexcept { return loaded_; }

    void bind(entity_node& owner, const relation_info& relation) noexcept
    {
        owner_ = &owner;
        relation_ = &relation;
    }

protected:
    relation_member() noexcept = default;
    relation_member(const relation_member& /*other*/) noexcept {}
    relation_member& operator=(const relation_member& /*other*/) noexcept { return *this; } // NOLINT(bugprone-*)
    ~relation_member() = default;

    /// @throws not_loaded  It is not loaded; the message names the member and how to load it.
    void require_loaded() const;
    /// @throws usage_error  It is unbound.
    void require_bound() const;

    entity_node* owner_ = nullptr;
    const relation_info* relation_ = nullptr;
    bool loaded_ = false;
};

/// Several entities: `has_many` and `many_to_many`.
///
/// `added` and `removed` are the difference to what the database has, which a flush writes. They are also kept while
/// the collection is not loaded, and merged with what a load brings.
class collection_member : public relation_member
{
public:
    /// Puts an entity in, and this side into its other side. Nothing happens when it is in already.
    /// @throws usage_error  The relation is unbound, or the entity belongs to another session.
    void add(entity_node& item);
    /// Takes it out, on both sides. Nothing happens when it is not in.
    void remove(entity_node& item);

    [[nodiscard]] const std::vector<entity_node*>& items() const
    {
        if (!loaded_)
            require_loaded();
        return items_;
    }
    [[nodiscard]] bool contains(const entity_node& item) const;

    /// What a load found. What was added and removed meanwhile stays so.
    void set_loaded(const std::vector<entity_node*>& found);
    /// A new entity's: empty, and known to be.
    void set_empty() noexcept { loaded_ = true; }
    void unload() noexcept;

    // One side only: what the other side calls.
    void put(entity_node& item);
    void take(entity_node& item);
    /// It is gone from the database: no change is noted.
    /// @returns True where it was in the relation for the database too.
    bool forget(entity_node& item) noexcept;

    [[nodiscard]] const std::vector<entity_node*>& added() const noexcept { return added_; }
    [[nodiscard]] const std::vector<entity_node*>& removed() const noexcept { return removed_; }
    /// The database has what this has.
    void accept_changes() noexcept;

    /// What was changed, to be undone later. The entities in it stay held.
    struct changes {
        std::vector<entity_node*> added;
        std::vector<entity_node*> removed;
    };
    /// As `accept_changes`, and gives them out.
    [[nodiscard]] changes take_changes() noexcept;
    /// Undoes changes that were taken, or those that are there.
    void undo(const changes& of);
    void undo_changes();

protected:
    collection_member() noexcept = default;
    collection_member(const collection_member& other) noexcept : relation_member{other} {}
    collection_member& operator=(const collection_member& /*other*/) noexcept { return *this; }
    ~collection_member() = default;

private:
    friend class entity_store;

    using index = std::unordered_set<const entity_node*>;

    void append(entity_node& item);
    bool erase(const entity_node& item);
    void note_change();

    std::vector<entity_node*> items_;
    std::vector<entity_node*> added_;
    std::vector<entity_node*> removed_;
    std::unique_ptr<index> index_; ///< Of `items_`, once there are many.
};

/// One entity or none: `belongs_to` and `has_one`.
class reference_member : public relation_member
{
public:
    /// Refers to another entity, or to none, on both sides.
    /// @throws usage_error, not_loaded  It is unbound, the entity is in another session; an unloaded has_one.
    void set(entity_node* target);

    [[nodiscard]] entity_node* target() const
    {
        if (!loaded_)
            require_loaded();
        return target_;
    }
    /// Whatever is there, loaded or not.
    [[nodiscard]] entity_node* peek() const noexcept { return target_; }

    /// What a load found. What was set meanwhile stays so.
    void set_loaded(entity_node* found) noexcept;
    void set_empty() noexcept { loaded_ = true; }
    void unload() noexcept;

    /// One side only: what the other side calls.
    void put(entity_node* target);
    /// It is gone from the database: no change is noted.
    /// @returns True where it was in the relation for the database too.
    bool forget(entity_node& target) noexcept;

    /// It was set since the last flush.
    [[nodiscard]] bool is_changed() const noexcept { return changed_; }
    /// What the database has, where that is known and something else was set.
    [[nodiscard]] entity_node* before() const noexcept { return before_; }
    void accept_changes() noexcept;

    /// What was there before it was set, to be put back later; it stays held.
    struct changes {
        entity_node* before = nullptr;
        bool is_known = false;
    };
    /// As `accept_changes`, and gives it out.
    [[nodiscard]] changes take_changes() noexcept;
    /// Undoes a change that was taken, or the one that is there.
    void undo(const changes& of) noexcept;
    void undo_changes() noexcept;

protected:
    reference_member() noexcept = default;
    reference_member(const reference_member& other) noexcept : relation_member{other} {}
    reference_member& operator=(const reference_member& /*other*/) noexcept { return *this; } // NOLINT(bugprone-*)
    ~reference_member() = default;

private:
    friend class entity_store;

    entity_node* target_ = nullptr;
    entity_node* before_ = nullptr;
    bool changed_ = false;
    bool before_is_known_ = false;
};

} // namespace detail

} // namespace tusk::orm
