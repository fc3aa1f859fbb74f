// expect: the elements of this range cannot be compared with that expression
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong(const std::vector<std::string>& names) { return col<&user::id>.in(names); }
