#pragma once

#include <tusk/orm/ref.hpp>

#include <cstddef>
#include <tuple>

namespace tusk::orm {

/// Stands for an entity among what a statement gives; other outputs are the types of their values.
template <class T>
struct entity_output {
    using entity_type = T;
};

namespace detail {

template <class Output>
struct output_result {
    using type = Output;
};
template <class T>
struct output_result<entity_output<T>> {
    using type = ref<T>;
};

template <class... Out>
struct row_result {
    using type = std::tuple<typename output_result<Out>::type...>;
};
template <class Out>
struct row_result<Out> {
    using type = typename output_result<Out>::type;
};
template <>
struct row_result<> {
    using type = void;
};

} // namespace detail

/// What one row of a statement is: a handle or value where it has one output, a tuple where it has several, `void`
/// where it gives no rows.
template <class Statement>
using statement_result = typename Statement::result_type;

} // namespace tusk::orm
