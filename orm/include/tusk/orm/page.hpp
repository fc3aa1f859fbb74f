#pragma once

#include <tusk/orm/ref.hpp>
#include <tusk/orm/table.hpp>

#include <cstdint>
#include <type_traits>
#include <vector>

namespace tusk::orm {

/// A part of what a statement gives, for showing it page by page; made by `orm::paginate`.
/// @tparam T  A mapped class (the items are handles), or what a row is otherwise.
template <class T>
struct page {
    using item = std::conditional_t<entity<T>, ref<T>, T>;

    std::vector<item> items;
    std::int64_t total = 0;  ///< Rows on all pages.
    std::int64_t offset = 0; ///< Rows before this page.
    std::int64_t limit = 0;  ///< Rows on a page, at most.

    /// There is a page behind this one.
    [[nodiscard]] bool has_more() const noexcept { return offset + limit < total; }
};

namespace detail {

template <class Row>
struct page_of_rows {
    using type = page<Row>;
};
template <class T>
struct page_of_rows<ref<T>> {
    using type = page<T>;
};

} // namespace detail

} // namespace tusk::orm
