// The migration tool of an application: its models, and this main().
//
//   blog_migrate init
//   blog_migrate revision --autogenerate -m "add users table"
//   blog_migrate upgrade head | +1 | <revision>        blog_migrate downgrade -1 | base
//   blog_migrate current | history | heads | check | stamp head | upgrade head --sql
#include "blog_models.hpp"

#include <tusk/orm/migrate.hpp>

int main(int argc, char** argv)
{
    return tusk::migrate::main(argc, argv, blog::metadata); // --url or TUSK_DATABASE_URL, --dir migrations
}
