# Fails unless the first C++ program in README.md is, to the letter, the example that is built and run.
file(READ "${README}" readme)
file(READ "${EXAMPLE}" example)
string(FIND "${readme}" "```cpp\n${example}```" place)
if(place EQUAL -1)
    message(FATAL_ERROR "the program in ${README} is not ${EXAMPLE}: copy one over the other")
endif()
