# parley_add_room(NAME DEPENDS room... LIBRARIES target...)
#
# A room is lib/NAME: include/parley/NAME/ is what others may touch, src/ is its own. DEPENDS is the picture of the
# architecture: a room sees only what is named here, and tests/architecture holds every #include against it.
function(parley_add_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/src/*.cpp)
  if(NOT sources) # A room of headers only.
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp CONTENT "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp)
  endif()
  add_library(parley_${name} STATIC ${sources})
  target_include_directories(parley_${name}
    PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/${name}/include
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${name}/src)
  list(TRANSFORM ROOM_DEPENDS PREPEND parley_ OUTPUT_VARIABLE rooms)
  target_link_libraries(parley_${name} PUBLIC ${rooms} ${ROOM_LIBRARIES} parley_boost PRIVATE parley_options)
  set_property(GLOBAL APPEND PROPERTY PARLEY_ROOMS ${name})
  set_property(GLOBAL PROPERTY PARLEY_ROOM_${name} "${ROOM_DEPENDS}")
endfunction()
