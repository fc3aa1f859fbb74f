# Compiles PROGRAM and succeeds when the compiler refuses it with what its first line expects.
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${PROGRAM}" first LIMIT_COUNT 1)
if(NOT first MATCHES "^// expect: (.+)$")
    message(FATAL_ERROR "${PROGRAM}: the first line has to be '// expect: <regular expression>'")
endif()
set(expected "${CMAKE_MATCH_1}")

# Naming the compiler's own folders would change the order in which it looks.
list(REMOVE_ITEM INCLUDES ${SYSTEM_INCLUDES})
list(REMOVE_DUPLICATES INCLUDES)
list(REMOVE_ITEM INCLUDES "")
list(TRANSFORM INCLUDES PREPEND "-I")
list(REMOVE_DUPLICATES DEFINITIONS)
list(REMOVE_ITEM DEFINITIONS "")
list(TRANSFORM DEFINITIONS PREPEND "-D")

# A long message must not be broken over lines, and the quotation marks have to be the same everywhere.
set(ENV{LC_ALL} C)
execute_process(
    COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${DEFINITIONS} ${INCLUDES} "${PROGRAM}"
    RESULT_VARIABLE status
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)

if(status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} compiles, but has to be refused with: ${expected}")
endif()
if(NOT output MATCHES "${expected}")
    message(FATAL_ERROR "${PROGRAM} was refused without the expected words: ${expected}\n${output}")
endif()
