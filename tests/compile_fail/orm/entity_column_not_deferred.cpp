// expect: only a member of the type orm::deferred<T> can be left out of a load
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::defer<&user::name>(); }
