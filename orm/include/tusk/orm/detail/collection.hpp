#pragma once

#include <tusk/orm/detail/relation_member.hpp>
#include <tusk/orm/ref.hpp>

#include <cstddef>
#include <iterator>
#include <vector>

namespace tusk::orm::detail {

/// What `has_many` and `many_to_many` are to their users. Elements are handles.
template <class T>
class collection : public collection_member
{
public:
    using value_type = ref<T>;

    collection() noexcept = default;

    class iterator
    {
    public:
        using value_type = ref<T>;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::random_access_iterator_tag;

        iterator() = default;
        explicit iterator(entity_node* const* at) noexcept : at_{at} {}

        ref<T> operator*() const { return ref_access::make<T>(*at_); }
        ref<T> operator[](std::ptrdiff_t n) const { return ref_access::make<T>(at_[n]); }
        iterator& operator++() noexcept
        {
            ++at_;
            return *this;
        }
        iterator operator++(int) noexcept { return iterator{at_++}; }
        iterator& operator--() noexcept
        {
            --at_;
            return *this;
        }
        iterator operator--(int) noexcept { return iterator{at_--}; }
        iterator& operator+=(std::ptrdiff_t n) noexcept
        {
            at_ += n;
            return *this;
        }
        iterator& operator-=(std::ptrdiff_t n) noexcept
        {
            at_ -= n;
            return *this;
        }
        friend iterator operator+(iterator i, std::ptrdiff_t n) noexcept { return i += n; }
        friend iterator operator+(std::ptrdiff_t n, iterator i) noexcept { return i += n; }
        friend iterator operator-(iterator i, std::ptrdiff_t n) noexcept { return i -= n; }
        friend std::ptrdiff_t operator-(iterator a, iterator b) noexcept { return a.at_ - b.at_; }
        friend bool operator==(iterator a, iterator b) noexcept { return a.at_ == b.at_; }
        friend auto operator<=>(iterator a, iterator b) noexcept { return a.at_ <=> b.at_; }

    private:
        entity_node* const* at_ = nullptr;
    };

    /// Puts an entity in; the other side follows at once, the foreign key at the next flush.
    /// @throws usage_error  This entity belongs to no session yet (`session::add` comes first), or the other one to
    ///                      another session, or the handle is null.
    void add(const ref<T>& item)
    {
        if (!item)
            fail_null_handle();
        collection_member::add(*ref_access::node(item));
    }

    /// Takes it out: its foreign key becomes NULL, or it is deleted, as the cascade says.
    void remove(const ref<T>& item)
    {
        if (!item)
            fail_null_handle();
        collection_member::remove(*ref_access::node(item));
    }

    void clear()
    {
        const std::vector<entity_node*> all = items();
        for (auto each = all.rbegin(); each != all.rend(); ++each) // from the back, where taking out is cheap
            collection_member::remove(**each);
    }

    [[nodiscard]] bool contains(const ref<T>& item) const
    {
        return item && collection_member::contains(*ref_access::node(item));
    }

    /// It was loaded, or belongs to a new entity. Everything below throws `not_loaded` otherwise.
    [[nodiscard]] bool is_loaded() const noexcept { return loaded(); }

    [[nodiscard]] std::size_t size() const { return items().size(); }
    [[nodiscard]] bool empty() const { return items().empty(); }
    [[nodiscard]] ref<T> operator[](std::size_t position) const { return ref_access::make<T>(items().at(position)); }
    [[nodiscard]] ref<T> front() const { return ref_access::make<T>(items().at(0)); }
    [[nodiscard]] ref<T> back() const { return ref_access::make<T>(items().at(items().size() - 1)); }

    /// @par Lifetime  Adding and removing invalidates iterators, as for a vector.
    [[nodiscard]] iterator begin() const { return iterator{items().data()}; }
    [[nodiscard]] iterator end() const { return iterator{items().data() + items().size()}; }
};

} // namespace tusk::orm::detail
