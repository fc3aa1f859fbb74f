// expect: a column type has no codec
#include <tusk/driver.hpp>

class opaque
{
public:
    opaque() {}
};

void wrong(const tusk::result& rows)
{
    for (auto [value] : rows.as<opaque>())
        (void)value;
}
