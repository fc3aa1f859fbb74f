// expect: this column cannot be NULL
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::update<user>().set(col<&user::name>, std::nullopt); }
