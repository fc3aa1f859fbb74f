// expect: a value of C\+\+ is written orm::literal
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::select(5); }
