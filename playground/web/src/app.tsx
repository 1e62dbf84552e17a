import { useState } from "preact/hooks";
import { Answer, Why } from "./parts/answer.tsx";
import { Below } from "./parts/below.tsx";
import { Head } from "./parts/head.tsx";
import { People } from "./parts/people.tsx";
import { Policy } from "./parts/policy.tsx";
import { Request } from "./parts/request.tsx";
import { Rollouts } from "./parts/rollout.tsx";
import { Tour } from "./parts/tour.tsx";

export function App() {
  const [room, setRoom] = useState<"policy" | "answers">("answers");
  return (
    <>
      <a class="skip" href="#answers">To the answers</a>
      <Head />
      <main class="rooms" data-room={room}>
        <div class="room source">
          <Policy />
          <Below />
        </div>
        <div class="room answers" id="answers" tabIndex={-1}>
          <People />
          <Answer />
          <Why />
          <Rollouts />
          <Request />
        </div>
      </main>
      <footer class="foot">
        <p>Policy, people and answers stay in this page: it asks no server, and drafts are kept in this browser alone.</p>
      </footer>
      <nav class="switch" aria-label="Rooms">
        {(["policy", "answers"] as const).map((r) => (
          <button key={r} type="button" aria-pressed={room === r} onClick={() => setRoom(r)}>
            {r === "policy" ? "Policy" : "People and answers"}
          </button>
        ))}
      </nav>
      <Tour />
    </>
  );
}
