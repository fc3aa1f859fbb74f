// expect: any<>\(\) is for collections
#include "../../../orm/examples/blog_models.hpp"

using namespace blog;
using orm::col;

auto wrong() { return orm::any<&post::author>(); }
