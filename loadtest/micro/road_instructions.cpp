// Sends one scenario's request down the road again and again: what callgrind counts the instructions of.
//
//     road_instructions              prints the names of the scenarios
//     road_instructions NAME COUNT   does it; 1 when an answer is not what it should be
#include "road.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

int main(int argc, char** argv)
{
    auto const& all = parley::micro::scenarios();
    if (argc != 3)
    {
        for (auto const& scenario : all)
            std::cout << scenario.name << '\n';
        return EXIT_SUCCESS;
    }
    auto const scenario = std::ranges::find(all, std::string_view(argv[1]), &parley::micro::Scenario::name);
    if (scenario == all.end())
    {
        std::cerr << "road_instructions: no such scenario: " << argv[1] << '\n';
        return EXIT_FAILURE;
    }
    parley::micro::Road road;
    auto const beginning = "HTTP/1.1 " + std::to_string(scenario->status) + " ";
    for (int left = std::atoi(argv[2]); left > 0; --left)
    {
        auto const answer = road.travel(scenario->request);
        if (answer.starts_with(beginning)) continue;
        std::cerr << "road_instructions: " << scenario->name << " is answered by " << answer << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
