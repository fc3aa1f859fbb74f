#pragma once

#include <tusk/orm/build_table.hpp>
#include <tusk/orm/detail/load_option.hpp>
#include <tusk/orm/detail/typed_run.hpp>
#include <tusk/orm/loader.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// What `get` is called with: the values of a key, and loader options behind them.
namespace tusk::orm::detail {

template <class T>
inline constexpr bool is_loader = false;
template <class Root, class At>
inline constexpr bool is_loader<loader<Root, At>> = true;

template <class T, class Root, class At>
const load_option& option_for(const loader<Root, At>& given)
{
    static_assert(std::is_same_v<Root, std::remove_const_t<T>>,
                  "tusk: this loader option starts from another class than the one that get is asked for");
    return given.option();
}

/// @throws usage_error  As `encode_key`, and as `prepare`.
template <class T, class... Given>
statement_ptr prepare_get_of(const Given&... given)
{
    constexpr std::size_t keys = (std::size_t{!is_loader<Given>} + ... + 0);
    const std::tuple<const Given&...> all{given...};
    std::vector<load_option> options;
    std::string key;
    [&]<std::size_t... K, std::size_t... O>(std::index_sequence<K...>, std::index_sequence<O...>) {
        static_assert((!is_loader<std::tuple_element_t<K, std::tuple<Given...>>> && ...),
                      "tusk: get takes the values of the key first, and loader options behind them");
        key = encode_key_of(table_of<std::remove_const_t<T>>(), std::get<K>(all)...);
        (add_option(options, option_for<T>(std::get<keys + O>(all))), ...);
    }(std::make_index_sequence<keys>{}, std::make_index_sequence<sizeof...(Given) - keys>{});
    return prepare_get(table_of<std::remove_const_t<T>>(), key, std::move(options));
}

} // namespace tusk::orm::detail
