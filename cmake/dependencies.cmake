# What Debian 12 and 13 ship. Everything here comes from the distribution's packages (see ./dev).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq) # What libpqxx stands on.
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)

# Asio's and Beast's function bodies are compiled once, in lib/core/src/boost.cpp, instead of in every file.
add_library(parley_boost INTERFACE)
target_link_libraries(parley_boost INTERFACE Boost::headers Boost::json Threads::Threads)
target_compile_definitions(parley_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)
