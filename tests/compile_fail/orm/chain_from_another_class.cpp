// expect: this relation starts from another class than the chain of options has come to
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::selectinload<&user::posts>().selectinload<&tag::posts>(); }
